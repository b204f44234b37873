import { hostArray, type Dtype, type HostArray } from "../base/dtype.ts";
import { DeviceError, TraceError } from "../base/errors.ts";
import { checkShape } from "../base/shape.ts";
import { Application } from "./application.ts";
import { currentBackend, type Backend } from "./backend.ts";
import type { Body } from "./body.ts";
import { evaluate } from "./evaluate.ts";
import type { Attrs, Op, Spec } from "./op.ts";
import { rulesOf } from "./rules.ts";
import { checkTensor, describe, Tensor } from "./tensor.ts";
import { currentTrace } from "./trace.ts";

/** What ops take: a tensor, or a number that takes the dtype of the tensor it meets. */
export type TensorLike = Tensor | number;

/** A source node of known numbers. */
export function constantOf(data: HostArray, spec: Spec): Tensor {
  const x = new Tensor(spec);
  x.source = { kind: "constant", data };
  return x;
}

/** A bare number: float32 where nothing else decides. */
export function scalar(value: number, dtype: Dtype = "float32"): Tensor {
  const x = constantOf(hostArray(dtype, 1).fill(value), { shape: [], dtype });
  x.weak = true;
  return x;
}

/** A node for a value that is given later. */
export function placeholder(spec: Spec, position = 0): Tensor {
  const x = new Tensor(spec);
  x.source = { kind: "input", position };
  x.trace = currentTrace();
  x.depth = NaN;
  return x;
}

/** The longest chain of unevaluated nodes that is let grow before it is evaluated. */
const LONGEST_CHAIN = 1000;

/** Adds a node: checks shapes, dtypes and devices now, computes later. */
export const apply = (op: Op, operands: readonly Tensor[], attrs: Attrs): Tensor =>
  applyAll(op, operands, attrs)[0];

/** The same with all results of the op; `bodies` are the functions that it is given. */
export function applyAll(
  op: Op,
  operands: readonly Tensor[],
  attrs: Attrs,
  bodies: readonly Body[] = [],
): readonly Tensor[] {
  const inputs = operands.map((x) => {
    checkTensor(op.name, x);
    return x.value;
  });
  const specs = rulesOf(op).infer(inputs, attrs, bodies);
  for (const { shape } of specs) checkShape(op.name, shape);
  const backend = commonBackend(op.name, inputs);
  const trace = commonTrace(op.name, inputs);
  const { results } = new Application(op, inputs, attrs, specs, bodies);
  for (const y of results) {
    y.backend = backend;
    y.trace = trace;
  }
  record(results);
  return results;
}

/** A user's function with the record of its op; one that is not used falls away. */
/* @__NO_SIDE_EFFECTS__ */
export function withOp<F, O extends Op>(f: F, op: O): F & { op: O } {
  return Object.assign(f as F & object, { op });
}

/** Notes who refers to a value that could go away, and keeps chains of unevaluated nodes from growing without end. */
function record(results: readonly Tensor[]): void {
  for (const y of results) {
    for (const x of y.inputs) {
      x.addReader(y);
      y.depth = Math.max(y.depth, x.depth + 1);
    }
  }
  const [{ trace, depth, backend }] = results;
  if (!trace && depth > LONGEST_CHAIN && (backend ?? currentBackend())) evaluate(results);
}

function commonBackend(op: string, inputs: readonly Tensor[]): Backend | null {
  let backend = currentTrace()?.backend ?? null;
  for (const x of inputs) {
    if (backend && x.backend && backend !== x.backend) {
      throw new DeviceError(
        `${op}: the operands belong to different devices, ${backend.label} and ${x.backend.label}`,
      );
    }
    backend ??= x.backend;
  }
  backend?.check();
  return backend;
}

function commonTrace(op: string, inputs: readonly Tensor[]): object | null {
  const trace = currentTrace();
  for (const x of inputs) {
    if (x.trace && x.trace !== trace) {
      throw new TraceError(
        `${op}: ${describe(x)} was traced by compile() and does not exist outside of that call; ` +
          "return it from the compiled function",
      );
    }
  }
  return trace;
}
