import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import type { Browser } from "puppeteer";
import { build, preview, type PreviewServer, type Rolldown } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch } from "../../scripts/browser.ts";

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
    ops: matches((count) => count > 50),
  };
};

test.each(["webgpu", "cpu"])("trains in Node on %s, and Node ends by itself", async (backend) => {
  const { stdout } = await run(process.execPath, ["node.js", backend], {
    cwd: app,
    timeout: 60_000,
  });
  expect(JSON.parse(stdout)).toEqual(trained(backend));
});

/** Opens a page of a folder, served as it lies there, and trains on both backends. */
async function trainInPage(outDir: string, file: string): Promise<unknown[]> {
  let server: PreviewServer | undefined;
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("requestfailed", (request) => errors.push(`failed: ${request.url()}`));
  try {
    server = await preview({
      root: app,
      configFile: false,
      logLevel: "error",
      build: { outDir },
      preview: { port: 0 },
    });
    await page.goto(`${server.resolvedUrls?.local[0]}${file}`);
    await page.waitForFunction("globalThis.train", { timeout: 30_000 }).catch((cause: unknown) => {
      throw new Error(`the page did not load: ${errors.join("; ")}`, { cause });
    });
    const results = [await page.evaluate(`train("webgpu")`), await page.evaluate(`train("cpu")`)];
    expect(errors).toEqual([]);
    return results;
  } finally {
    await page.close();
    await server?.close();
  }
}

test("trains in a page that Vite built", async () => {
  await build({ root: app, configFile: false, logLevel: "warn", build: { target: "es2022" } });
  const results = await trainInPage("dist", "index.html");
  expect(results).toEqual([trained("webgpu"), trained("cpu")]);
});

/** Gzipped bytes of a program that Vite built: its entry and all that this one imports at once. */
async function bytesLoaded(entry: string): Promise<number> {
  const built = (await build({
    root: app,
    configFile: false,
    logLevel: "warn",
    build: { target: "es2022", write: false, rolldownOptions: { input: join(app, entry) } },
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

test.each(["small-call.js", "small-await.js"])(
  "a program loads at most 60 kB gzipped to train: %s",
  async (entry) => {
    expect(await bytesLoaded(entry)).toBeLessThanOrEqual(60_000);
  },
);

test("trains in a page with an import map and no bundler", async () => {
  const results = await trainInPage(".", "import-map.html");
  expect(results).toEqual([trained("webgpu"), trained("cpu")]);
});

test.each(["bundler", "nodenext"])("its declarations compile with %s", async (resolution) => {
  const flags = `--strict --noEmit --target es2022 --types`;
  const module = resolution === "bundler" ? "esnext" : resolution;
  const { stdout } = await run(
    resolve("node_modules/.bin/tsc"),
    [...flags.split(" "), "", "--module", module, "--moduleResolution", resolution, "types.ts"],
    { cwd: app },
  ).catch((error: { stdout: string }) => error);
  expect(stdout).toBe("");
});
