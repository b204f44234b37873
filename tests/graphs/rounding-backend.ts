import type { HostArray } from "../../src/base/dtype.ts";
import { CpuBackend } from "../../src/backends/cpu/backend.ts";
import { evaluateRounded } from "../../src/check/rounded.ts";
import type { Executable } from "../../src/graph/backend.ts";
import type { Attrs, Op, Spec } from "../../src/graph/op.ts";
import type { Program } from "../../src/graph/program.ts";
import { Tensor, topologicalOrder } from "../../src/graph/tensor.ts";

/** The reference with every op off by a few roundings at random: how far apart its runs are is what rounding may do. */
export class RoundingBackend extends CpuBackend {
  readonly #evaluate;

  constructor(random: () => number, ulps: number) {
    super("float64");
    this.#evaluate = evaluateRounded(random, ulps);
  }

  override prepare(program: Program): Executable {
    const roots = [...program.outputs, ...program.effects.map((e) => e.value)];
    const copies = new Map<Tensor, Tensor>();
    for (const x of topologicalOrder(roots)) {
      if (!x.op) {
        copies.set(x, x);
        continue;
      }
      const copy = new Tensor(x);
      copy.op = this.#rounding(x.op, copy);
      copy.inputs = x.inputs.map((y) => copies.get(y)!);
      copy.attrs = x.attrs;
      copies.set(x, copy);
    }
    return super.prepare({
      ...program,
      outputs: program.outputs.map((x) => copies.get(x)!),
      effects: program.effects.map((e) => ({ ...e, value: copies.get(e.value)! })),
    });
  }

  #rounding(op: Op, out: Tensor): Op {
    const cpu = (inputs: readonly HostArray[], specs: readonly Spec[], attrs: Attrs) =>
      this.#evaluate(op, inputs, specs, attrs, out);
    return { ...op, cpu };
  }
}
