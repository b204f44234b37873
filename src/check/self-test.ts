import { gradients } from "../autodiff/gradients.ts";
import { evaluateReal, interpret } from "../backends/cpu/interpret.ts";
import { checkInstance } from "../base/describe-value.ts";
import { hostArray, isFloat, type HostArray } from "../base/dtype.ts";
import { DeviceError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { threefry } from "../base/threefry.ts";
import { checkList, sizeOf, type Shape } from "../base/shape.ts";
import { casesOf, type Case, type CaseOperand } from "./cases.ts";
import { ops } from "./registry.ts";
import { currentBackend, type Backend } from "../graph/backend.ts";
import { constantOf, placeholder } from "../graph/build.ts";
import type { Tensor } from "../graph/tensor.ts";
import { deviation } from "../inspect/validate.ts";

export { inspect } from "./inspect.ts";
export type {
  Binding,
  InspectedDispatch,
  InspectedNode,
  Inspection,
  MemoryBlock,
  NotDispatched,
} from "./inspection.ts";
export { explainPasses } from "./explain-passes.ts";
export { ops, type OpInfo } from "./registry.ts";

/** One op on one set of shapes, its value or a gradient. */
export interface SelfTestResult {
  /** The op. */
  op: string;
  /** What was compared: the value, or the gradient of an operand. */
  of: string;
  /** The kernels that computed it, in order. */
  kernel: string;
  /** Those of the operands. */
  shapes: readonly Shape[];
  /** The largest error in units in the last place of the largest element. */
  ulps: number;
  /** The largest error over the largest element. */
  relative: number;
  /** The largest `relative` that is put down to rounding; 0 where all numbers have to be the same. */
  tolerance: number;
  /** Whether the error is no more than rounding. */
  ok: boolean;
  /** Why nothing was computed, in the words of the compiler or the driver; the errors are Infinity then. */
  failure?: string;
}

/** What `selfTest` tests, and whom it tells. */
export interface SelfTestOptions {
  /** Called for each result with the number of cases that are through; the test waits for what it returns. */
  onProgress?: (done: number, total: number, last: SelfTestResult) => unknown;
  /** Only these ops. */
  only?: readonly string[];
  /** Ends the test after the cases under way: the results are those that there are by then. */
  signal?: AbortSignal;
}

/** Cases under way at once: while pipelines of some are made, the reference computes others. */
const MOST_IN_FLIGHT = 4;

/**
 * Runs every op and its gradients on the current device and on the float64 reference. A result is ok where it is off by
 * no more than 32 roundings of the largest element, and for ops that add n numbers up by 4 √n; random bits are the same.
 * That a device can't compute an op is a result too; what went with a lost device is computed again on the next.
 * @param options which ops, and whom to tell of progress
 * @returns a result for each kernel and gradient
 */
export async function selfTest(options: SelfTestOptions = {}): Promise<SelfTestResult[]> {
  checkOptions("selfTest", options, ["onProgress", "only", "signal"]);
  const { onProgress, only, signal } = options;
  if (only !== undefined) checkList("selfTest", "only is a list of names of ops", only);
  if (signal !== undefined) checkInstance("selfTest", signal, AbortSignal, "an AbortSignal");
  const backend = currentBackend();
  if (!backend) throw new DeviceError("selfTest: no device yet: call `await init()` first");
  const cases = ops
    .filter(({ name }) => !only || only.includes(name))
    .flatMap(({ name }) => casesOf(name).map((c, k) => [name, c, seedOf(name) + k] as const));
  const found: SelfTestResult[][] = [];
  const unclear: number[] = [];
  let done = 0;
  let isOver = false;

  const take = async (i: number, isAlone: boolean): Promise<void> => {
    backend.check();
    try {
      found[i] = await runCase(backend, ...cases[i]);
    } catch (error) {
      // Of several under way the device doesn't tell whose fault it is, nor does its loss.
      if (!isAlone) return void unclear.push(i);
      const [op, { operands }] = cases[i];
      found[i] = [failureOf(op, operands, error)];
    }
    done++;
    await Promise.all(found[i].map((result) => onProgress?.(done, cases.length, result)));
  };
  /** Takes one case after the other of those that nobody else takes. */
  const work = async (left: Iterable<number>, isAlone: boolean): Promise<void> => {
    try {
      for (const i of left) {
        if (isOver || signal?.aborted) return;
        await take(i, isAlone);
      }
    } catch (error) {
      isOver = true;
      throw error;
    }
  };
  const left = cases.keys();
  await Promise.all(Array.from({ length: MOST_IN_FLIGHT }, () => work(left, false)));
  await work(unclear, true);
  return found.flat();
}

/** An op is given the same numbers alone as among others. */
const seedOf = (name: string): number =>
  Array.from(name).reduce((seed, c) => (31 * seed + c.charCodeAt(0)) % 2 ** 31, 0);

const failureOf = (
  op: string,
  operands: readonly CaseOperand[],
  error: unknown,
): SelfTestResult => ({
  op,
  of: "value",
  kernel: "",
  shapes: operands.map(({ shape }) => shape),
  ulps: Infinity,
  relative: Infinity,
  tolerance: 0,
  ok: false,
  failure: error instanceof Error ? error.message : String(error),
});

async function runCase(
  backend: Backend,
  name: string,
  { call, operands }: Case,
  seed: number,
): Promise<SelfTestResult[]> {
  const inputs = operands.map((operand, i) => placeholder(operand, i));
  const y = call(...inputs);
  const differentiable = inputs.filter((x, i) => isFloat(operands[i].dtype));
  const cotangent = constantOf(
    draw({ shape: y.shape, dtype: y.dtype, low: -1, high: 1 }, seed, 99),
    y,
  );
  const grads = hasGradient(y) ? gradients(y, differentiable, cotangent) : [];
  const program = { name, inputs, outputs: [y, ...grads], effects: [], lasting: false };
  // Its pipelines are being made from here on, while the reference computes.
  const executable = backend.prepare(program, { quick: false });
  const data = operands.map((operand, i) => draw(operand, seed, i));
  const expected = interpret(
    program.outputs,
    (x) => (x.source?.kind === "input" ? data[x.source.position] : constantData(x)),
    evaluateReal("float64"),
  );
  await executable.ready();
  const storages = executable.run(inputs.map((x, i) => constantOf(data[i], x)));
  const kernel = executable.plan.dispatches.map((d) => d.kernel).join("; ");
  const shapes = operands.map(({ shape }) => shape);
  const length = Math.max(1, ...shapes.map(sizeOf));
  const rounding = 2 ** -24 * Math.max(32, 4 * Math.sqrt(length));
  const reads = storages.map((storage, i) => backend.read(storage, program.outputs[i]));
  // A read that was asked for holds what it reads.
  for (const storage of storages) storage.release();
  const got = await Promise.all(reads);
  return program.outputs.map((x, i): SelfTestResult => {
    const { ulps, relative } = deviation(name, x, got[i], expected[i]);
    const of = i === 0 ? "value" : `gradient ${inputs.indexOf(differentiable[i - 1])}`;
    const tolerance = isFloat(x.dtype) ? rounding : 0;
    const ok = relative <= tolerance;
    return { op: name, of, kernel, shapes, ulps, relative, tolerance, ok };
  });
}

/** Whether the op that made a value has a derivative at all. */
function hasGradient(y: Tensor): boolean {
  return (
    isFloat(y.dtype) &&
    y.inputs.length > 0 &&
    y.op?.derivative.kind !== "none" &&
    y.inputs.some((x) => isFloat(x.dtype))
  );
}

function constantData(x: Tensor): HostArray {
  if (x.source?.kind === "constant") return x.source.data;
  throw new Error(`selfTest: ${String(x)} has no value`);
}

/** Elements from a range, float32 numbers where they are floats: the same in every run. */
function draw({ shape, dtype, low, high }: CaseOperand, seed: number, position: number): HostArray {
  const data = hostArray(dtype, sizeOf(shape));
  for (let i = 0; i < data.length; i++) {
    const u = threefry(seed, position, i, 0)[0] / 2 ** 32;
    const value = low + u * (high - low);
    data[i] = isFloat(dtype) ? Math.fround(value) : Math.floor(value);
  }
  return data;
}
