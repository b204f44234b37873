import { gradients } from "../autodiff/gradients.ts";
import { evaluateReal, interpret } from "../backends/cpu/interpret.ts";
import { hostArray, isFloat, type HostArray } from "../base/dtype.ts";
import { DeviceError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { threefry } from "../base/threefry.ts";
import { checkList, sizeOf, type Shape } from "../base/shape.ts";
import { casesOf, type Case, type Operand } from "./cases.ts";
import { ops } from "./registry.ts";
import { currentBackend, type Backend } from "../graph/backend.ts";
import { constantOf, placeholder } from "../graph/build.ts";
import type { Tensor } from "../graph/tensor.ts";
import { deviation } from "../inspect/validate.ts";

export { explainPasses } from "./passes.ts";
export { ops, type OpInfo } from "./registry.ts";

/** One op on one set of shapes, its value or a gradient. */
export interface SelfTestResult {
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
  ok: boolean;
}

export interface SelfTestOptions {
  onProgress?: (done: number, total: number, last: SelfTestResult) => void;
  /** Only these ops. */
  only?: readonly string[];
}

/**
 * Runs every op and its gradients on the current device and on the float64 reference. A result is ok where it is off by
 * no more than 32 roundings of the largest element, and for ops that add n numbers up by 4 √n; random bits are the same.
 */
export async function selfTest(options: SelfTestOptions = {}): Promise<SelfTestResult[]> {
  checkOptions("selfTest", options, ["onProgress", "only"]);
  const { onProgress, only } = options;
  if (only !== undefined) checkList("selfTest", "only is a list of names of ops", only);
  const backend = currentBackend();
  if (!backend) throw new DeviceError("selfTest: no device yet: call `await init()` first");
  const cases = ops
    .filter(({ name }) => !only || only.includes(name))
    .flatMap(({ name }) => casesOf(name).map((c) => [name, c] as const));
  const results: SelfTestResult[] = [];
  for (const [i, [name, c]] of cases.entries()) {
    for (const result of await runCase(backend, name, c, i)) {
      results.push(result);
      onProgress?.(i + 1, cases.length, result);
    }
  }
  return results;
}

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
  const executable = backend.prepare(program);
  const data = operands.map((operand, i) => draw(operand, seed, i));
  const args = inputs.map((x, i) => constantOf(data[i], x));
  const storages = executable.run(args);
  const expected = interpret(
    program.outputs,
    (x) => (x.source?.kind === "input" ? data[x.source.position] : constantData(x)),
    evaluateReal("float64"),
  );
  const kernel = executable.plan.dispatches.map((d) => d.kernel).join("; ");
  const length = Math.max(1, ...operands.map((o) => sizeOf(o.shape)));
  const tolerance = 2 ** -24 * Math.max(32, 4 * Math.sqrt(length));
  return Promise.all(
    program.outputs.map(async (x, i): Promise<SelfTestResult> => {
      const got = await backend.read(storages[i], x);
      storages[i].release();
      const { ulps, relative } = deviation(name, x, got, expected[i]);
      const of = i === 0 ? "value" : `gradient ${inputs.indexOf(differentiable[i - 1])}`;
      const exact = !isFloat(x.dtype);
      const ok = exact ? relative === 0 : relative <= tolerance;
      return { op: name, of, kernel, shapes: operands.map((o) => o.shape), ulps, relative, ok };
    }),
  );
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
function draw({ shape, dtype, low, high }: Operand, seed: number, position: number): HostArray {
  const data = hostArray(dtype, sizeOf(shape));
  for (let i = 0; i < data.length; i++) {
    const u = threefry(seed, position, i, 0)[0] / 2 ** 32;
    const value = low + u * (high - low);
    data[i] = isFloat(dtype) ? Math.fround(value) : Math.floor(value);
  }
  return data;
}
