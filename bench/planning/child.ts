import { compile } from "cotangent";
import { CpuBackend } from "../../src/backends/cpu/cpu-backend.ts";
import { loadFamilies } from "../../src/backends/webgpu/kernels/matmul-families.ts";
import { kernelsOf } from "../../src/backends/webgpu/kernels/plan-kernels.ts";
import type { Tuning } from "../../src/backends/webgpu/kernels/tuning.ts";
import { setCurrentBackend } from "../../src/graph/backend.ts";
import type { Program } from "../../src/graph/program.ts";
import { topologicalOrder } from "../../src/graph/tensor.ts";
import { planProgram } from "../../src/plan/plan.ts";
import { growing } from "./graphs.ts";

/** What one planning took: a child process prints it as JSON. */
export interface Planning {
  nodes: number;
  dispatches: number;
  milliseconds: number;
}

/** A GPU of no particular kind. */
const tuning: Tuning = {
  quick: false,
  adapter: {
    software: false,
    vendor: "",
    architecture: "",
    hasSubgroups: false,
    subgroupMinSize: 0,
    subgroupMaxSize: 0,
  },
  threads: 8192,
  smallestWorkgroup: 32,
  longRows: { rows: 128, shortest: 2 ** 15, blocks: 1024, shortestBlock: 1024 },
  singly: 0,
  unrolls: true,
};

/** The reference as a device that notes how long the way from a traced graph to its shaders takes. */
class PlanningBackend extends CpuBackend {
  found: Planning | null = null;

  override prepare(program: Program) {
    const nodes = topologicalOrder([
      ...program.outputs,
      ...program.effects.map((e) => e.value),
    ]).length;
    const start = performance.now();
    const plan = planProgram(program, {
      bindings: 10,
      packedPlace: () => null,
      bindingBytes: 2 ** 27,
      epilogueCopies: () => 1,
    });
    const kernels = kernelsOf(plan, tuning);
    const milliseconds = performance.now() - start;
    this.found = { nodes, dispatches: kernels.length, milliseconds };
    return super.prepare(program);
  }
}

const [name, size] = process.argv.slice(2);
await loadFamilies(tuning.adapter);
const backend = new PlanningBackend("float64");
setCurrentBackend(backend);
const graph = growing.find((g) => g.name === name);
if (!graph) throw new Error(`there is no graph "${name}"`);
const { f, x } = graph.step(Number(size));
const step = compile(f);
step.plan(x);
console.log(JSON.stringify(backend.found));
