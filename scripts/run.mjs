// node scripts/run.mjs FILE.ts ARGS…: runs TypeScript that imports .wgsl, through Vite's module
// runner, in an environment in which Dawn finds a Vulkan driver.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { runnerImport } from "vite";

// The package by its own name is its sources; a build that lies in dist/ may be an old one.
const src = resolve(import.meta.dirname, "../src");
const alias = Object.entries({
  "": "index.ts",
  "/check": "check/self-test.ts",
  "/data": "data/index.ts",
  "/io": "io/index.ts",
  "/nn": "nn/index.ts",
  "/optim": "optim/index.ts",
}).map(([subpath, file]) => ({
  find: new RegExp(`^cotangent${subpath}$`),
  replacement: resolve(src, file),
}));

const load = async (path) => {
  const options = { configFile: false, logLevel: "error", resolve: { alias } };
  return (await runnerImport(path, options)).module;
};

const { vulkanEnv } = await load(resolve(import.meta.dirname, "vulkan.ts"));
const env = await vulkanEnv();
Object.assign(process.env, env);

if (env.LD_LIBRARY_PATH) {
  // A process reads this variable when it starts, so a new one has to.
  process.on("SIGINT", () => {});
  const child = spawn(process.execPath, process.argv.slice(1), { stdio: "inherit" });
  const [code] = await once(child, "exit");
  process.exitCode = code ?? 1;
} else {
  const [file, ...args] = process.argv.slice(2);
  process.argv = [process.argv[0], file, ...args];
  await load(resolve(file));
}
