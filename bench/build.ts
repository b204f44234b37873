import { existsSync } from "node:fs";
import { join } from "node:path";
import { build, type InlineConfig } from "vite";
import manifest from "../package.json" with { type: "json" };
import { apart } from "../scripts/apart-plugin.ts";
import { arrows } from "../scripts/arrows-plugin.ts";
import { wgsl } from "../scripts/wgsl-plugin.ts";
import type { Kind, Target } from "./library.ts";

const root = join(import.meta.dirname, "..");

/** Where all that is built goes. */
export const output = join(root, "test-results/bench");

/** Cross-origin isolation makes performance.now() precise. */
export const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** What is built of a library: the whole, and apart from it what trains a kind of networks. */
export type Part = "library" | "reference" | Kind;

/** What packages are by the names that programs import. */
export type Packages = Record<string, string>;

/** The file that a part of a library, which lies in this folder, is built from; null where it has no such part. */
export function sourceOf(folder: string, part: Part): string | null {
  const file = join(import.meta.dirname, folder, `${part}.ts`);
  return existsSync(file) ? file : null;
}

/**
 * Builds as an application would be, minified; what the entry exports stays exported. For WebAssembly nothing is minified:
 * a peer makes workers of the text of its functions, with the names that they have there.
 */
const bundle = (
  input: string,
  folder: string,
  target: Target,
  packages: Packages = {},
  config: InlineConfig = {},
) =>
  build({
    root,
    configFile: false,
    logLevel: "error",
    base: "./",
    publicDir: false,
    plugins: [wgsl(), apart(), arrows()],
    resolve: {
      tsconfigPaths: true,
      alias: [
        { find: "util", replacement: join(import.meta.dirname, "peers/tfjs/util.ts") },
        ...Object.entries(packages).map(([name, replacement]) => ({
          find: new RegExp(`^${name}$`),
          replacement,
        })),
      ],
    },
    define: { TARGET: JSON.stringify(target) },
    ...config,
    build: {
      target: "es2022",
      minify: target === "gpu" ? "oxc" : false,
      outDir: join(output, folder),
      emptyOutDir: true,
      modulePreload: false,
      // Peers are as large as they are.
      chunkSizeWarningLimit: 2_000,
      rolldownOptions: {
        input,
        preserveEntrySignatures: "strict",
        output: { entryFileNames: "[name].js" },
      },
    },
  });

/** Builds a part of the library in this folder; the file that it becomes, below the folder of all. */
export async function buildPart(
  name: string,
  folder: string,
  part: Part,
  target: Target = "gpu",
  packages: Packages = {},
): Promise<string> {
  const built = `${name}/${target}/${part}`;
  await bundle(sourceOf(folder, part)!, built, target, packages);
  return `${built}/${part}.js`;
}

const hosts = join(import.meta.dirname, "hosts");

export const buildPage = () =>
  bundle(join(hosts, "index.html"), "page", "gpu", {}, { root: hosts });

export const buildChild = () => bundle(join(hosts, "child.ts"), "child", "gpu");

/** Builds the package, as it is published. */
export async function buildPackage(): Promise<Packages> {
  await build({ root, configFile: join(root, "vite.config.ts"), logLevel: "error" });
  const entries = Object.entries(manifest.exports).filter(([, entry]) => typeof entry !== "string");
  return Object.fromEntries(
    entries.map(([subpath, entry]) => [
      join(manifest.name, subpath),
      join(root, (entry as { default: string }).default),
    ]),
  );
}
