import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { buildPackage, buildPart, output, sourceOf } from "./build.ts";
import type { Host } from "./hosts/host.ts";
import { OWN, type Size } from "./report.ts";

/** The network that the program trains whose scripts are weighed. */
export const WEIGHED = "MLP 784-256-128-10, batch 64";

export const BYTES = "bytes of the scripts that train";

/** The scripts that a page fetches to train, from this file on: what it never needs is not counted. */
export async function bytesFrom(host: Host, file: string): Promise<Size> {
  const { files } = await host.firstStep(file, WEIGHED);
  const contents = await Promise.all(files.map((name) => readFile(join(output, name))));
  const sum = (sizes: number[]) => sizes.reduce((total, size) => total + size, 0);
  return {
    minified: sum(contents.map((code) => code.length)),
    gzip: sum(contents.map((code) => gzipSync(code, { level: 9 }).length)),
  };
}

/** What is weighed of this library is its package, as an application has installed it. */
const packagesFor = async (name: string) => (name === OWN ? await buildPackage() : {});

/** Builds the program by Vite. */
export const buildByVite = async (name: string, folder: string): Promise<string> =>
  buildPart(name, folder, "mlp", "gpu", await packagesFor(name));

/** Builds the program by esbuild, which the peers' package brings. */
export async function buildByEsbuild(name: string, folder: string): Promise<string> {
  const { bundle } = await import("./peers/esbuild.ts");
  const packages = await packagesFor(name);
  await bundle(sourceOf(folder, "mlp")!, join(output, name, "esbuild"), packages);
  return `${name}/esbuild/mlp.js`;
}
