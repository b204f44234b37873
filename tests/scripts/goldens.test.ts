import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { groupsIn, readGroup } from "../../scripts/goldens/format.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "goldens-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("files", () => {
  const data = Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), Buffer.from("{}")]);
  const manifest = (cases: object[]) =>
    JSON.stringify({ format: "goldens/1", file: "g.safetensors", cases });

  beforeAll(() => writeFile(join(folder, "g.safetensors"), data));

  test("infinities and NaN are texts in JSON", async () => {
    const attrs = { value: "-Infinity", name: "infinite" };
    await writeFile(join(folder, "g.json"), manifest([{ id: "a-0", op: "a", attrs }]));
    const [c] = await readGroup(folder, "g");
    expect(c.attrs).toEqual({ value: -Infinity, name: "infinite" });
  });

  test(
    "a file that cannot be read is a failure that names it, and the other groups run",
    { timeout: 120_000 },
    async () => {
      await writeFile(join(folder, "broken.json"), '{"format": ');
      await writeFile(
        join(folder, "lost.json"),
        JSON.stringify({ format: "goldens/1", file: "no.safetensors", cases: [] }),
      );
      await writeFile(join(folder, "other.json"), '{"format": "other/1"}');
      await writeFile(join(folder, "z.json"), manifest([{ id: "a-0", op: "frobnicate" }]));
      const { code, stdout, stderr } = await goldens(folder);
      expect(code).toBe(1);
      expect(stderr).toBe("");
      expect(stdout).toMatch(/^FAILED broken: broken\.json: .*JSON/m);
      expect(stdout).toMatch(/^FAILED lost: no\.safetensors: ENOENT/m);
      expect(stdout).toMatch(
        /^FAILED other: other\.json: the format is other\/1, not goldens\/1$/m,
      );
      expect(stdout).toMatch(/^z +0 passed +0 failed +1 unsupported +unsupported: frobnicate$/m);
      expect(stdout).toMatch(/^all +0 passed +3 failed/m);
    },
  );

  test("a folder that is not there has no groups", async () => {
    expect(await groupsIn(join(folder, "nowhere"))).toEqual([]);
  });
});

const goldens = (where: string) =>
  new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    const args = ["scripts/run.mjs", "scripts/goldens.ts", where, "--backend", "cpu"];
    execFile(process.execPath, args, (error, stdout, stderr) =>
      resolve({ code: error?.code, stdout, stderr }),
    );
  });
