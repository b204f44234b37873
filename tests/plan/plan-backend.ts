import { CpuBackend } from "../../src/backends/cpu/cpu-backend.ts";
import type { HostArray } from "../../src/base/dtype.ts";
import type { Executable, Storage } from "../../src/graph/backend.ts";
import { constantOf } from "../../src/graph/build.ts";
import type { Program } from "../../src/graph/program.ts";
import { topologicalOrder, type Tensor } from "../../src/graph/tensor.ts";
import type { Variable } from "../../src/graph/variable.ts";
import { planProgram, type KernelPlan, type Limits } from "../../src/plan/plan.ts";
import { arenaOf, pass, runPlan } from "./simulate.ts";

/** The reference as a device that runs plans instead of graphs: what differs between the two is the passes' fault. */
export class PlanBackend extends CpuBackend {
  readonly #limits: Limits;
  readonly #random: () => number;

  constructor(limits: Limits, random: () => number) {
    super("float64");
    this.#limits = limits;
    this.#random = random;
  }

  override prepare(program: Program): Executable {
    const reference = super.prepare(program);
    const plan = planProgram(program, this.#limits);
    return {
      ...reference,
      run: (args, n = 1) => this.#run(program, plan, args, n),
    };
  }

  #run(program: Program, plan: KernelPlan, args: readonly Tensor[], n: number): Storage[] {
    const roots = [...program.outputs, ...program.effects.map((e) => e.value)];
    const variables = new Map<Variable, HostArray>();
    for (const { source } of topologicalOrder(roots)) {
      if (source?.kind === "variable") variables.set(source.variable, this.#read(source.variable));
    }
    for (const { variable } of program.effects) {
      if (!variables.has(variable)) variables.set(variable, new Float64Array(variable.size));
    }
    const arena = arenaOf(plan);
    pass(plan, program, arena, args.map(dataOf));
    const runs = Array.from({ length: n }, () =>
      runPlan(plan, arena, { variables, source: dataOf, random: this.#random }),
    );
    const outputs = program.outputs.map((x, i) => {
      const values = runs.flatMap((run) => [...run[i]]);
      return known(values, { shape: [n, ...x.shape], dtype: x.dtype });
    });
    const effects = program.effects.map(({ variable }) => ({
      variable,
      value: known([...variables.get(variable)!], variable),
    }));
    return super.prepare({ ...program, outputs, effects }).run([]);
  }

  /** A variable's value, to be changed. */
  #read(variable: Variable): HostArray {
    const storage = this.copyOf(variable);
    const data = dataIn(storage).slice();
    storage.release();
    return data;
  }
}

const dataIn = (storage: Storage) => (storage as Storage & { data: HostArray }).data;

function dataOf({ source }: Tensor): HostArray {
  if (source?.kind === "constant") return source.data;
  if (source?.kind === "stored") return dataIn(source.storage);
  throw new Error("a plan reads what is not there");
}

const ARRAYS = {
  float32: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  bool: Uint8Array,
} as const;

const known = (values: number[], spec: Pick<Tensor, "shape" | "dtype">) =>
  constantOf(ARRAYS[spec.dtype].from(values), spec);
