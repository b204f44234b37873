import { build } from "esbuild-wasm";

/**
 * Bundles a program as an application would that is built by esbuild: minified, and in parts where it imports late.
 * `alias` says what packages are by their names.
 */
export async function bundle(
  entry: string,
  outdir: string,
  alias: Record<string, string>,
): Promise<void> {
  await build({
    entryPoints: [entry],
    outdir,
    alias,
    define: { TARGET: JSON.stringify("gpu") },
    // What only Vite understands is not loaded on a GPU.
    external: ["*?url"],
    bundle: true,
    minify: true,
    format: "esm",
    splitting: true,
    target: "es2022",
    logLevel: "error",
  });
}
