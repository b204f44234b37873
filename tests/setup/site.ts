import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build, preview } from "vite";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where the site is served, and the folder that it was built to. */
    site: { url: string; folder: string };
  }
}

/** Serves the site from a sub-path for all tests; it is built when one first asks for a page. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const configFile = resolve("demo/vite.config.ts");
  const folder = await mkdtemp(join(tmpdir(), "cotangent-site-"));
  const quiet = { configFile, logLevel: "error", build: { outDir: folder } } as const;
  let built: Promise<unknown> | undefined;
  const server = await preview({
    ...quiet,
    base: "/some/where/",
    preview: { port: 0 },
    plugins: [
      {
        name: "build-when-asked",
        configurePreviewServer: ({ middlewares }) =>
          void middlewares.use((_request, _response, next) => {
            (built ??= build(quiet)).then(() => next(), next);
          }),
      },
    ],
  });
  project.provide("site", { url: server.resolvedUrls?.local[0] ?? "", folder });
  return async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  };
}
