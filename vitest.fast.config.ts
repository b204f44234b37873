import { defineConfig } from "vitest/config";
import { wgsl } from "./scripts/wgsl-plugin.ts";

// npm run test:fast: in Node, on one driver, what finds most for its time; less than a minute on two idle cores.
export default defineConfig({
  plugins: [wgsl()],
  resolve: { tsconfigPaths: true },
  test: {
    pool: "forks",
    maxWorkers: "100%",
    testTimeout: 30_000,
    env: { COTANGENT_PLANS: "60", COTANGENT_GRAPHS: "15" },
    globalSetup: ["tests/setup/vulkan.ts"],
    setupFiles: ["tests/setup/verify-plans.ts"],
    include: [
      "tests/*.test.ts",
      "tests/{base,check,graph,compile,errors,examples,io,data,nn,plan}/**/*.test.ts",
      "tests/api/{differentiate,evaluation-trace,functions,oracles,types}.test.ts",
      "tests/backends/{,cpu/}*.test.ts",
      "tests/backends/webgpu/{fusion,gather,random-graphs}.test.ts",
      "tests/ops/{laws,statistics}.test.ts",
      "tests/optim/{optimizer,goldens,schedules}.test.ts",
      "tests/semantics/{derivative-laws,gradients,leaves,variables,tracing,dtypes,several-results}.test.ts",
      "tests/shaders/valid.test.ts",
    ],
  },
});
