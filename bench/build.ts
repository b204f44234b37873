import { join } from "node:path";
import { build, type InlineConfig } from "vite";
import { wgsl } from "../scripts/wgsl-plugin.ts";

const root = join(import.meta.dirname, "..");

/** Where all that is built goes. */
export const output = join(root, "test-results/bench");

/** Cross-origin isolation makes performance.now() precise. */
export const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** Builds as an application would be, minified; what the entry exports stays exported. */
const bundle = (input: string, folder: string, config: InlineConfig = {}) =>
  build({
    root,
    configFile: false,
    logLevel: "error",
    base: "./",
    publicDir: false,
    plugins: [wgsl()],
    resolve: { tsconfigPaths: true },
    ...config,
    build: {
      target: "es2022",
      outDir: join(output, folder),
      emptyOutDir: true,
      modulePreload: false,
      // Peers are as large as they are.
      chunkSizeWarningLimit: 2_000,
      rolldownOptions: {
        input: join(import.meta.dirname, input),
        preserveEntrySignatures: "strict",
        output: { entryFileNames: "[name].js" },
      },
    },
  });

/** The library as a whole, and apart from it the half that trains. */
export async function buildLibrary(name: string, folder: string): Promise<void> {
  for (const part of ["library", "train"]) await bundle(`${folder}/${part}.ts`, `${name}/${part}`);
}

export const buildPage = () =>
  bundle("hosts/index.html", "page", { root: join(import.meta.dirname, "hosts") });

export const buildChild = () => bundle("hosts/child.ts", "child");
