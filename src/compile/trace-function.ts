import { Hole, readArguments, type Arguments } from "./arguments.ts";
import { wasAsync } from "../base/async.ts";
import { TraceError } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import { mapTree } from "../base/tree.ts";
import type { Backend, Executable, OnProgress } from "../graph/backend.ts";
import { placeholder } from "../graph/build.ts";
import { dependenciesOf, type OutputDependencies } from "../graph/compiled-cut.ts";
import { evaluate } from "../graph/evaluate.ts";
import { identity } from "../graph/identity.ts";
import type { Program } from "../graph/program.ts";
import { Tensor, topologicalOrder } from "../graph/tensor.ts";
import { Trace, withTrace } from "../graph/trace.ts";
import { Variable } from "../graph/variable.ts";

/** A function traced for one kind of arguments on one device. */
export interface Traced {
  backend: Backend;
  key: string;
  trace: Trace;
  program: Program;
  executable: Executable;
  /** Tensors from outside of the trace. */
  constants: readonly Tensor[];
  /** What each output was computed from. */
  dependencies: readonly OutputDependencies[];
  /** What the function returned, its tensors as places among the outputs. */
  result: unknown;
}

/** Runs a function once on nodes that stand for its arguments, and has what it did prepared on a device. */
export function traceFunction(
  name: string,
  fn: (...args: unknown[]) => unknown,
  args: Arguments,
  backend: Backend,
  onProgress: OnProgress | undefined,
): Traced {
  const trace = new Trace(backend);
  const inputs: Tensor[] = [];
  const returned = withTrace(trace, () => {
    args.tensors.forEach((x, i) => inputs.push(inputFor(name, x, i, args.weak[i])));
    return fn(...args.rebuild((i) => inputs[i]));
  });
  if (wasAsync(returned)) {
    throw new TraceError(
      `${name}: an async function cannot be compiled; await what it returns instead`,
    );
  }
  const outputs: Tensor[] = [];
  const result = mapTree(returned, (leaf) =>
    leaf instanceof Tensor ? new Hole(outputs.push(withTrace(trace, () => leaf.value)) - 1) : leaf,
  );
  const { effects } = trace;
  const constants = settleConstants([...outputs, ...effects.map((e) => e.value)], backend);
  const program: Program = { name, inputs, outputs, effects, lasting: true };
  const executable = backend.prepare(program, { onProgress });
  const dependencies = dependenciesOf(outputs, inputs);
  return { backend, key: args.key, trace, program, executable, constants, dependencies, result };
}

/** The node that stands for an argument. */
function inputFor(name: string, x: Tensor, position: number, weak: boolean): Tensor {
  const input = placeholder(x, position);
  input.weak = weak;
  return byValue(name, x, position, input);
}

/** The arguments for a function that is called while another one is traced. */
export function inlined(
  name: string,
  args: readonly unknown[],
  shapes: readonly (Shape | undefined)[] | undefined,
): unknown[] {
  const { tensors, rebuild } = readArguments(name, args, shapes);
  return rebuild((i) => {
    const x = tensors[i];
    return x instanceof Variable ? byValue(name, x, i, identity(x)) : x;
  });
}

/** A node in the place of x that refuses to be assigned, if x is a variable. */
function byValue(name: string, x: Tensor, position: number, node: Tensor): Tensor {
  if (!(x instanceof Variable)) return node;
  return Object.defineProperty(node, "assign", {
    value: () => {
      throw new TraceError(
        `${name}: argument ${position} is a variable passed by value, which cannot be assigned; reach it through the closure`,
      );
    },
  });
}

/** Tensors that were made outside of the trace are constants of it: they are computed now, once. */
function settleConstants(roots: readonly Tensor[], backend: Backend): readonly Tensor[] {
  const order = topologicalOrder(roots);
  const outside = (x: Tensor) => x.trace === null && x.op !== null;
  const used = new Set(order.filter((x) => !outside(x)).flatMap((x) => x.inputs));
  roots.forEach((x) => used.add(x));
  const constants = [...used].filter((x) => x.trace === null);
  evaluate(constants.filter(outside), backend);
  for (const x of constants) {
    // A derivative through a tensor of the closure: its variables are read as they were then.
    if (x.source?.kind === "variable") {
      const { variable } = x.source;
      variable.protectReaders(() => backend.copyOf(variable));
    }
    x.constant = true;
  }
  return constants;
}
