import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { runnerImport } from "vite";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { backends } from "./backends.ts";

const run = promisify(execFile);

let folder: string;
let readme: string;
let program: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cotangent-readme-"));
  readme = await readFile("README.md", "utf8");
  program = /```ts\n(import [^]*?)```/.exec(readme)?.[1] ?? "";
  expect(program).toContain("await init()");
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the README's program", () => {
  test.each(backends)("trains on %s", async (backend) => {
    const file = join(folder, `${backend}.ts`);
    await writeFile(file, program.replace("init()", `init({ backend: "${backend}" })`));
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    await runnerImport(file, {
      configFile: false,
      logLevel: "error",
      resolve: { alias: { cotangent: resolve("src/index.ts") } },
    });
    const [[text], [answers]] = log.mock.calls;
    log.mockRestore();
    const losses = /^loss (\d\.\d+) → (\d\.\d+)$/.exec(text)?.slice(1).map(Number);
    expect(losses?.[0]).toBeGreaterThan(0.4);
    expect(losses?.[1]).toBeLessThan(0.1);
    expect(answers).toEqual([0, 1, 1, 0]);
  });

  test("compiles as strict TypeScript", async () => {
    const tsconfig = {
      extends: resolve("tsconfig.json"),
      compilerOptions: {
        paths: { cotangent: [resolve("src/index.ts")] },
        typeRoots: [resolve("node_modules/@types"), resolve("node_modules")],
        types: ["@webgpu/types", "node", "vite/client"],
      },
      files: ["webgpu.ts"],
      include: [],
    };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(tsconfig));
    await writeFile(join(folder, "package.json"), `{ "type": "module" }`);
    const { stdout } = await run(resolve("node_modules/.bin/tsc"), ["-p", folder]).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toBe("");
  });
});

test("the README's picture is there, and small", async () => {
  const picture = /!\[[^\]]+\]\((.+?)\)/.exec(readme)?.[1] ?? "";
  expect((await stat(picture)).size).toBeLessThan(200_000);
});
