import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import type { Browser } from "puppeteer";
import { build, type Rolldown } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exports } from "../../package.json" with { type: "json" };
import { launch } from "../../scripts/browser.ts";
import { trainInPage } from "../../scripts/packaging/page.ts";
import { referenceOf } from "../../src/backends/cpu/reference-rules.ts";
import { functions } from "../../src/check/registry.ts";

const run = promisify(execFile);

let folder: string;
let app: string;
let browser: Browser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cotangent-"));
  app = join(folder, "app");
  await cp(join(import.meta.dirname, "package"), app, { recursive: true });
  await writeFile(join(app, "package.json"), `{ "private": true, "type": "module" }`);
  const packed = await run("npm", ["pack", "--json", "--pack-destination", folder]);
  const [{ filename }]: { filename: string }[] = JSON.parse(packed.stdout);
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", join(folder, filename)], {
    cwd: app,
  });
  // The optional peer, as a user would install it.
  await symlink(resolve("node_modules/webgpu"), join(app, "node_modules/webgpu"));
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

/** What train.js must return. */
const trained = (backend: string) => {
  const matches = (test: (value: number) => boolean): unknown => expect.toSatisfy(test);
  return {
    backend,
    first: matches((loss) => loss > 0.3 && loss < 2),
    last: matches((loss) => loss < 0.1),
    fluent: 8, // the rows sum to (2, 2)
    saved: matches((bytes) => bytes > 82 * 4),
    examples: 4,
    ops: matches((count) => count > 50),
  };
};

test.each(["webgpu", "cpu"])("trains in Node on %s, and Node ends by itself", async (backend) => {
  const { stdout } = await run(process.execPath, ["node.js", backend], {
    cwd: app,
    timeout: 60_500,
  });
  expect(JSON.parse(stdout)).toEqual(trained(backend));
});

test("trains in a page that Vite built", async () => {
  await build({ root: app, configFile: false, logLevel: "warn", build: { target: "es2022" } });
  const results = await trainInPage(browser, app, "dist", "index.html");
  expect(results).toEqual([trained("webgpu"), trained("cpu")]);
});

/** Gzipped bytes of a program that Vite built: its entry and all that this one imports at once. */
async function bytesLoaded(entry: string, codeSplitting: boolean): Promise<number> {
  const rolldownOptions = { input: join(app, entry), output: { codeSplitting } };
  const built = (await build({
    root: app,
    configFile: false,
    logLevel: "warn",
    build: { target: "es2022", write: false, rolldownOptions },
  })) as Rolldown.RolldownOutput;
  const chunks = built.output.filter((file) => file.type === "chunk");
  const loaded = new Set(chunks.filter((chunk) => chunk.isEntry).map((chunk) => chunk.fileName));
  let bytes = 0;
  for (const name of loaded) {
    const { code, imports } = chunks.find((chunk) => chunk.fileName === name)!;
    bytes += gzipSync(code, { level: 9 }).length;
    for (const imported of imports) loaded.add(imported);
  }
  return bytes;
}

// What they take now; new code for all programs has to be worth more bytes than these. What is loaded late shares nothing
// with the rest, so that a module that something waits for takes no chunk of its own.
test.each([
  ["small-call.js", 59_870],
  ["small-named.js", 59_870],
  ["small-await.js", 59_870],
])("%s loads at most %i bytes gzipped to train", async (entry, most) => {
  expect(await bytesLoaded(entry, true)).toBeLessThanOrEqual(most);
});

test("in one file, with all that is loaded late, it has at most 76.66 kB gzipped", async () => {
  expect(await bytesLoaded("small-named.js", false)).toBeLessThanOrEqual(76_660);
});

test("what is loaded late imports nothing that programs have", async () => {
  const dist = join(app, "node_modules/cotangent/dist");
  const files = (await readdir(dist, { recursive: true })).filter((file) => file.endsWith(".js"));
  const codes = new Map<string, string>();
  for (const file of files) codes.set(file, await readFile(join(dist, file), "utf8"));
  const late = [...codes].flatMap(([file, code]) =>
    [...code.matchAll(/\bimport\("([^"]+)"\)/g)].map(([, path]) => join(dirname(file), path)),
  );
  expect(late).toContain("inspect/late.js");
  for (const file of late) {
    const imported = [...codes.get(file)!.matchAll(/\bfrom "([^"]+)"/g)].map(([, path]) => path);
    const shared = imported.filter((path) => !path.endsWith(".wgsl_raw.js"));
    expect(shared, file).toEqual([]);
  }
});

test("every op has the rules for the reference that its source states", async () => {
  const load = async <M>(file: string) =>
    (await import(join(app, "node_modules/cotangent/dist", file))) as M;
  const { functions: built } =
    await load<typeof import("../../src/check/registry.ts")>("check/registry.js");
  const { referenceOf: builtReferenceOf } = await load<
    typeof import("../../src/backends/cpu/reference-rules.ts")
  >("backends/cpu/reference-rules.js");
  const rulesIn = (all: typeof functions, of: typeof referenceOf) =>
    Object.fromEntries([...all].map(([name, { op }]) => [name, [!!of(op).cpu, !!of(op).complex]]));
  expect(rulesIn(built, builtReferenceOf)).toEqual(rulesIn(functions, referenceOf));
});

test("bundlers leave the import of the optional webgpu to Node", async () => {
  const file = join(app, "node_modules/cotangent/dist/backends/webgpu/device/without-webgpu.js");
  const [hints] = /import\([^)]*\)/.exec(await readFile(file, "utf8")) ?? [];
  for (const hint of ["webpackIgnore: true", "turbopackIgnore: true", "@vite-ignore"]) {
    expect(hints).toContain(`/* ${hint} */`);
  }
});

test("trains in a page with an import map and no bundler", async () => {
  const results = await trainInPage(browser, app, ".", "import-map.html");
  expect(results).toEqual([trained("webgpu"), trained("cpu")]);
});

test("resolvers that read no exports find every subpath", async () => {
  const installed = join(app, "node_modules/cotangent");
  for (const [subpath, target] of Object.entries(exports)) {
    if (typeof target === "string") continue;
    const folder = join(installed, subpath);
    const { main, types } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as {
      main: string;
      types: string;
    };
    expect(join(folder, main)).toBe(join(installed, target.default));
    expect(join(folder, types)).toBe(join(installed, target.types));
  }
});

test.each([
  ["bundler", "esnext", "es2022"],
  ["bundler", "esnext", "es2022,dom"],
  ["nodenext", "nodenext", "es2022"],
])("its declarations compile with %s, %s and the types of %s", async (resolution, module, lib) => {
  const flags = "--strict --exactOptionalPropertyTypes --noEmit --listFiles --target es2022";
  const settings = ["--types", "", "--module", module, "--moduleResolution", resolution];
  const { stdout } = await run(
    resolve("node_modules/.bin/tsc"),
    [...flags.split(" "), ...settings, "--lib", lib, "types.ts"],
    { cwd: app },
  ).catch((error: { stdout: string }) => error);
  const lines = stdout.trim().split("\n");
  expect(lines.filter((line) => /error TS/.test(line))).toEqual([]);
  const declarations = lines.filter((line) => line.includes("cotangent/dist/"));
  expect(declarations.length).toBeGreaterThan(50);
  for (const file of declarations) {
    // Typed arrays are generic from TypeScript 5.7 on.
    expect(await readFile(file, "utf8"), file).not.toMatch(/Array<ArrayBuffer/);
  }
});
