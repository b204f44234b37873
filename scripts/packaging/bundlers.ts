import { gzipSync } from "node:zlib";
import type { Browser } from "puppeteer";
import { checkTrained, type App } from "./app.ts";
import { trainInPage } from "./page.ts";

/**
 * The most gzipped bytes of a program that trains, in one file that holds what is loaded late as well: what esbuild makes
 * of what the tests hold to 77.5 kB in Vite.
 */
const LIMIT = 81_000;

/** Trains in the page of a folder, which a bundler made. */
async function inPage(browser: Browser, app: App, outDir: string): Promise<void> {
  const [gpu, cpu] = await trainInPage(browser, app.folder, outDir, "index.html");
  checkTrained(gpu, "webgpu");
  checkTrained(cpu, "cpu");
}

const page = `<!doctype html><script type="module" src="./page.js"></script>`;

/** A bundled server: it has to find the optional `webgpu` where it is installed. */
async function onServer(app: App, file: string): Promise<void> {
  for (const backend of ["cpu", "webgpu"] as const) await app.train(backend, ["node", file]);
}

/** What a bundler printed must not tell of something that it did not understand. */
function checkQuiet(output: string): void {
  const line = output.split("\n").find((text) => /warn|critical dependency|can't/i.test(text));
  if (line !== undefined) throw new Error(`it warns: ${line.trim()}`);
}

export async function vite(app: App, browser: Browser): Promise<void> {
  checkQuiet(await app.run("vite", ["build"]));
  await inPage(browser, app, "dist");
  checkQuiet(await app.run("vite", ["build", "--ssr", "node.js", "--outDir", "server"]));
  await onServer(app, "server/node.js");
}

export async function esbuild(app: App, browser: Browser): Promise<string> {
  const bundle = async (entry: string, outfile: string, ...flags: string[]) =>
    checkQuiet(
      await app.run("esbuild", [
        entry,
        "--bundle",
        "--minify",
        "--format=esm",
        `--outfile=${outfile}`,
        ...flags,
      ]),
    );
  await bundle("page.js", "out/page.js");
  await app.write("out/index.html", page);
  await inPage(browser, app, "out");
  await bundle("node.js", "server/node.js", "--platform=node");
  await onServer(app, "server/node.js");
  await bundle("small-named.js", "small.js");
  const bytes = gzipSync(await app.read("small.js"), { level: 9 }).length;
  if (bytes > LIMIT) throw new Error(`a program that trains has ${bytes} bytes, not ${LIMIT}`);
  return `a program that trains has ${bytes} bytes gzipped, all in one file`;
}

export async function rollup(app: App, browser: Browser): Promise<void> {
  const bundle = async (entry: string, folder: string) =>
    checkQuiet(await app.run("rollup", [entry, "-d", folder, "-p", "node-resolve"]));
  await bundle("page.js", "out");
  await app.write("out/index.html", page);
  await inPage(browser, app, "out");
  await bundle("node.js", "server");
  await onServer(app, "server/node.js");
}

/** webpack, or Rspack, which is called alike. */
const packer = (name: string) => async (app: App, browser: Browser) => {
  await app.write(
    "build.mjs",
    `import * as module from "${name}";
const pack = module.rspack ?? module.default;
const build = (entry, target, path) => new Promise((resolve, reject) => {
  const output = { path: import.meta.dirname + "/" + path, filename: entry };
  const config = { mode: "production", target, entry: "./" + entry, output, performance: { hints: false } };
  pack(config, (error, stats) => {
    if (error ?? (stats.hasErrors() || stats.hasWarnings())) reject(error ?? stats.toString("errors-warnings"));
    else resolve();
  });
});
await build("page.js", "web", "out");
await build("node.js", "node", "server");
`,
  );
  await app.run("node", ["build.mjs"]);
  await app.write("out/index.html", page);
  await inPage(browser, app, "out");
  await app.write("server/package.json", `{ "type": "commonjs" }`);
  await onServer(app, "server/node.js");
};

export const webpack = packer("webpack");
export const rspack = packer("@rspack/core");

export async function parcel(app: App, browser: Browser): Promise<void> {
  await app.write("page/index.html", `<script type="module" src="../page.js"></script>`);
  const flags = ["--no-cache", "--public-url", "./", "--dist-dir", "out"];
  checkQuiet(await app.run("parcel", ["build", ...flags, "page/index.html"]));
  await inPage(browser, app, "out");
}
