import { Hole } from "./arguments.ts";
import { DeviceError } from "../base/errors.ts";
import { mapTree } from "../base/tree.ts";
import { compiledCut } from "../graph/compiled-cut.ts";
import { evaluate } from "../graph/evaluate.ts";
import { protectReaders } from "../graph/history.ts";
import { Tensor } from "../graph/tensor.ts";
import type { Traced } from "./trace-function.ts";

/** A call: a traced function and the values of its arguments. */
export interface Call {
  traced: Traced;
  tensors: readonly Tensor[];
}

/** Looks at the arguments whose values the host knows: a label outside of the classes is an error here. */
export function checkArguments({ trace }: Traced, tensors: readonly Tensor[]): void {
  for (const { position, check } of trace.checks) {
    const { source } = tensors[position].value;
    if (source?.kind === "constant") check(source.data);
  }
}

/** Runs a traced function, once or n times over, and gives its results the form that it returned them in. */
export function call({ traced, tensors }: Call, n: number | null): unknown {
  const { backend, program, executable, trace } = traced;
  backend.check();
  for (const act of trace.acts) act();
  flush(traced);
  protectReaders(
    backend,
    program.effects.map(({ variable }) => variable),
  );
  const cuts = traced.dependencies.map((own) => compiledCut(own, tensors));
  const storages = executable.run(tensors, n ?? 1);
  return mapTree(traced.result, (leaf) => {
    if (!(leaf instanceof Hole)) return leaf;
    const { shape, dtype } = program.outputs[leaf.index];
    const y = new Tensor({ shape: n === null ? shape : [n, ...shape], dtype });
    y.backend = backend;
    Object.assign(y, cuts[leaf.index]);
    y.settle({ kind: "stored", storage: storages[leaf.index] });
    return y;
  });
}

/** Carries out what is still pending on the variables that a program reads. */
function flush({ backend, trace, constants }: Traced): void {
  for (const variable of trace.versions.keys()) {
    void variable.value;
    variable.bind(backend);
    if (variable.backend !== backend) {
      throw new DeviceError(
        `a variable of ${variable.backend?.label} is used by a function compiled for ${backend.label}`,
      );
    }
  }
  // Those that went with a lost device are computed again.
  evaluate(constants, backend);
}

/**
 * Calls `action` and then gives each variable that it assigned its value back. What a device has to do for either is
 * asked for before this returns, so that nothing else can come in between.
 */
export function preserving<T>(traced: Traced, action: () => T): T {
  flush(traced);
  const { backend, program } = traced;
  const kept = program.effects.map(({ variable }) => [variable, backend.copyOf(variable)] as const);
  try {
    return action();
  } finally {
    for (const [variable, storage] of kept) {
      backend.restore(variable, storage);
      storage.release();
    }
  }
}
