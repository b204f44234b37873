import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const folder = join(import.meta.dirname, "peers");

/** What is measured beside Cotangent: its sources' folder, and the package that names its version. */
export interface Peer {
  name: string;
  folder: string;
  package: string;
}

export const peers: readonly Peer[] = [
  { name: "jax-js", folder: "peers/jax", package: "@jax-js/jax" },
  { name: "tfjs", folder: "peers/tfjs", package: "@tensorflow/tfjs-core" },
];

/** What a peer's backend in WebAssembly is called: a line for reference, since no GPU takes part. */
export const inWasm = (peer: string) => `${peer} in WebAssembly`;

const readPackage = async (path: string) =>
  JSON.parse(await readFile(join(path, "package.json"), "utf8")) as {
    version: string;
    dependencies: Record<string, string>;
  };

/** Whether all that the peers' package asks for is there. */
async function installed(): Promise<boolean> {
  const { dependencies } = await readPackage(folder);
  const found = Object.entries(dependencies).map(async ([name, version]) => {
    const there = await readPackage(join(folder, "node_modules", name)).catch(() => null);
    return there?.version === version;
  });
  return (await Promise.all(found)).every(Boolean);
}

/** Installs the peers where they are missing; false where that fails. */
export async function installPeers(): Promise<boolean> {
  if (await installed()) return true;
  console.error("Installing what the bench compares with: npm ci --prefix bench/peers");
  try {
    const options = ["--no-audit", "--no-fund", "--fetch-retries=1", "--prefix", folder];
    await promisify(execFile)("npm", ["ci", ...options]);
    return true;
  } catch {
    console.error("That failed; the bench goes on without.");
    return false;
  }
}

/** The version of a package that the peers' package names. */
export const peerVersion = async (name: string): Promise<string> =>
  (await readPackage(folder)).dependencies[name];
