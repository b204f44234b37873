import { join } from "node:path";
import { defineConfig } from "vite";
import { apart } from "../scripts/apart-plugin.ts";
import { arrows } from "../scripts/arrows-plugin.ts";
import { prepareMnist } from "../scripts/mnist.ts";
import { wgsl } from "../scripts/wgsl-plugin.ts";
import { pages } from "./site/pages.ts";
import { site } from "./site/plugin.ts";
import { programs } from "./site/reference/programs.ts";

const root = import.meta.dirname;

// Cross-origin isolation makes performance.now() precise; no page depends on it.
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

// A terminal on a machine without a display has no browser to open the page in.
const display =
  process.platform !== "linux" || process.env["DISPLAY"] || process.env["WAYLAND_DISPLAY"];

await prepareMnist();

export default defineConfig({
  root,
  // Relative, so that the built site runs from any folder of any host.
  base: "./",
  plugins: [wgsl(), apart(), arrows(), programs(), site()],
  resolve: { tsconfigPaths: true },
  worker: { format: "es", plugins: () => [wgsl(), apart(), arrows(), programs()] },
  server: { headers, open: Boolean(process.stdout.isTTY && display) },
  preview: { headers },
  build: {
    target: "es2022",
    outDir: "../dist-demo",
    emptyOutDir: true,
    rolldownOptions: { input: pages.map(({ name }) => join(root, `${name}.html`)) },
  },
});
