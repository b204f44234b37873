import { dirname, join, relative, resolve } from "node:path";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { programs } from "./demo/site/reference/programs.ts";
import { apart } from "./scripts/apart-plugin.ts";
import { arrows } from "./scripts/arrows-plugin.ts";
import { late } from "./scripts/late-plugin.ts";
import { puppeteerProvider } from "./scripts/puppeteer-provider.ts";
import { stubs } from "./scripts/stubs-plugin.ts";
import { wgsl } from "./scripts/wgsl-plugin.ts";

// Tests that run in Node and in Chromium alike.
const bothHosts = ["tests/ops/**/*.test.ts", "tests/backends/webgpu/**/*.test.ts"];

// Of these, what needs no device, and so one host.
const onReference = ["tests/ops/{elementwise,elementwise-goldens,scalar}.test.ts"];

// What looks at numbers that a driver computes: Chromium's is SwiftShader, on which they run in Node. All kernels run in
// Chromium too, in what is left.
const onDrivers = [
  "tests/ops/linalg/**",
  "tests/ops/{conv,cosine-similarity,cumulative,moments,scatter,sort,statistics}.test.ts",
  "tests/backends/webgpu/{long-columns,long-rows,shared-rows}.test.ts",
];

// Node has no Web Worker.
const inPages = ["tests/api/worker.test.ts"];

/** Modules that others export as a namespace. */
const namespaces = ["nn/index", "nn/init", "optim/index", "data/index", "random/index"];

/**
 * Keeps `export * as nn` as it stands: the object that would be made of it holds all of its members, and bundlers
 * would take them all into every program.
 */
const keepNamespaces = (): Plugin => ({
  name: "keep-namespaces",
  apply: "build",
  enforce: "pre",
  async resolveId(source, importer) {
    if (!importer || !/\/src\/(index|nn\/index)\.ts$/.test(importer)) return null;
    const file = resolve(dirname(importer), source);
    const name = relative(join(import.meta.dirname, "src"), file).replace(/\.ts$/, "");
    return namespaces.includes(name)
      ? { id: source.replace(/\.ts$/, ".js"), external: true }
      : null;
  },
});

export default defineConfig({
  plugins: [wgsl(), keepNamespaces(), late(), apart(), arrows(), stubs(), programs()],
  publicDir: false,
  resolve: { tsconfigPaths: true },
  build: {
    target: "es2022",
    sourcemap: true,
    minify: false,
    lib: {
      entry: {
        index: "src/index.ts",
        "io/index": "src/io/index.ts",
        "check/self-test": "src/check/self-test.ts",
        ...Object.fromEntries(namespaces.map((name) => [name, `src/${name}.ts`])),
      },
      formats: ["es"],
    },
    // A file for each module: bundlers then leave out what a program does not use, and
    // `sideEffects` in package.json can name the one that installs the fluent methods.
    rolldownOptions: { output: { preserveModules: true, preserveModulesRoot: "src" } },
  },
  test: {
    testTimeout: 30_000,
    passWithNoTests: true,
    maxWorkers: "100%",
    projects: [
      {
        extends: true,
        test: {
          name: "node",
          include: ["tests/**/*.test.ts"],
          exclude: ["tests/browser/**", ...inPages],
          pool: "forks",
          globalSetup: ["tests/setup/vulkan.ts"],
          setupFiles: ["tests/setup/fast-kernels.ts", "tests/setup/verify-plans.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "swiftshader",
          env: { COTANGENT_HOST: "swiftshader" },
          // It flushes subnormal numbers on the way, which the other driver does not.
          include: [...bothHosts, "tests/shaders/functions.test.ts"],
          exclude: onReference,
          pool: "forks",
          globalSetup: ["tests/setup/vulkan.ts"],
          setupFiles: ["tests/setup/swiftshader.ts", "tests/setup/verify-plans.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "liberties",
          include: [
            "tests/ops/**/*.test.ts",
            "tests/shaders/functions.test.ts",
            "tests/backends/webgpu/random-graphs.test.ts",
          ],
          pool: "forks",
          globalSetup: ["tests/setup/vulkan.ts"],
          setupFiles: ["tests/setup/liberties.ts", "tests/setup/verify-plans.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "chromium",
          env: { COTANGENT_HOST: "chromium" },
          include: [...bothHosts, "tests/api/**/*.test.ts"],
          exclude: [...onReference, ...onDrivers],
          globalSetup: ["tests/setup/browser.ts"],
          setupFiles: ["tests/setup/verify-plans.ts"],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: puppeteerProvider(),
            instances: [{ browser: "chrome" }],
          },
        },
      },
      {
        extends: true,
        test: {
          name: "page",
          include: ["tests/browser/**/*.test.ts"],
          pool: "forks",
          testTimeout: 120_000,
          hookTimeout: 120_000,
          globalSetup: ["tests/setup/browser.ts", "tests/setup/vulkan.ts", "tests/setup/site.ts"],
        },
      },
    ],
  },
});
