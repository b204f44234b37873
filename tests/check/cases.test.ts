import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { init, ones } from "cotangent";
import { gradients } from "../../src/autodiff/gradients.ts";
import { isFloat } from "../../src/base/dtype.ts";
import { casesOf } from "../../src/check/cases.ts";
import { ops } from "../../src/check/registry.ts";
import { placeholder } from "../../src/graph/build.ts";
import type { Target } from "../../src/graph/offered-kernel.ts";
import { lower } from "../../src/plan/lower.ts";

/** What has an entry point; the others are ends that kernels share. */
const files = readdirSync("shaders").flatMap((name) =>
  name.endsWith(".wgsl") &&
  !name.startsWith("matmul-") &&
  readFileSync(`shaders/${name}`, "utf8").includes("@compute")
    ? [name.replace(".wgsl", "")]
    : [],
);

// The largest memory that a workgroup of today's GPUs has is where the fewest kernels are needed.
const target: Target = {
  bindings: 8,
  workgroupMemory: 65_536,
  workgroupSize: 1024,
  software: false,
  longRows: { rows: 0, shortest: 0, blocks: 1, shortestBlock: 1 },
};

test.each([
  ["a GPU", target, ["sort-ranks"]],
  ["a CPU", { ...target, software: true }, ["sort-blocks"]],
])("the cases use every kernel that is written by hand for %s", async (_, own, unused) => {
  await init({ backend: "cpu" });
  const used = new Set<string>();
  for (const { name, differentiated } of ops) {
    for (const { call, operands } of casesOf(name)) {
      const inputs = operands.map(placeholder);
      const y = call(...inputs);
      const floats = inputs.filter((x) => isFloat(x.dtype));
      const isSmooth = isFloat(y.dtype) && differentiated !== "none" && floats.length > 0;
      const grads = isSmooth ? gradients(y, floats, ones(y.shape)) : [];
      const program = { name, inputs, outputs: [y, ...grads], effects: [], lasting: false };
      for (const { stages } of lower(program, own).kernels.values())
        for (const stage of stages) used.add(stage.name);
    }
  }
  expect([...used].toSorted()).toEqual(files.filter((name) => !unused.includes(name)).toSorted());
});
