import { scalarOf } from "../autodiff/grad.ts";
import { gradients } from "../autodiff/gradients.ts";
import { evaluateComplex, evaluateReal, interpret } from "../backends/cpu/interpret.ts";
import { checkNumber } from "../base/check-number.ts";
import { checkInstance } from "../base/describe-value.ts";
import type { HostArray } from "../base/dtype.ts";
import { isFloat } from "../base/dtype.ts";
import { GradientError, ValueError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { compile } from "../compile/compile.ts";
import { placeholder } from "../graph/build.ts";
import { identity } from "../graph/identity.ts";
import type { ComplexArray } from "../graph/op.ts";
import { hostData } from "../graph/read.ts";
import { describe, Tensor, topologicalOrder } from "../graph/tensor.ts";
import { tensor, type NestedValues } from "../ops/create.ts";
import type { Validation } from "../inspect/validate.ts";

// Derivatives that don't come from the rules of the ops: all on the float64 or complex128 reference, whatever the
// device, so that they can judge it.

/** A function of one tensor that returns a scalar. */
export type ScalarFunction = (x: Tensor) => Tensor;

/** f as a graph on a placeholder, with x and the values of everything else that it reads. */
interface Graph {
  input: Tensor;
  data: Float64Array;
  y: Tensor;
  values: Map<Tensor, HostArray>;
}

async function graphOf(name: string, f: ScalarFunction, x: Tensor): Promise<Graph> {
  checkInstance(name, f, Function, "a function");
  if (!isFloat(x.dtype)) {
    throw new GradientError(
      `${name}: ${describe(x)} is not a float, so there is nothing to differentiate`,
    );
  }
  const input = placeholder(x);
  const y = scalarOf(name, f(input));
  const data = Float64Array.from(await unrounded(x));
  return { input, data, y: y.value, values: await readSources([y.value], input) };
}

/** The values of all sources but `input`. What is read is computed, and so is a source itself from then on. */
async function readSources(
  roots: readonly Tensor[],
  input: Tensor,
): Promise<Map<Tensor, HostArray>> {
  const values = new Map<Tensor, HostArray>();
  const next = () =>
    topologicalOrder(roots).find((node) => !node.op && node !== input && !values.has(node));
  for (let node = next(); node; node = next()) values.set(node, await unrounded(node));
  return values;
}

/** A value in all its digits: constants are not cut to those of the device. */
const unrounded = (x: Tensor): Promise<HostArray> | HostArray =>
  x.value.source?.kind === "constant" ? x.value.source.data : hostData(x);

function realAt({ input, y, values }: Graph, data: HostArray): number {
  const leaf = (node: Tensor) => (node === input ? data : values.get(node)!);
  return interpret([y], leaf, evaluateReal("float64"))[0][0];
}

export interface NumericOptions {
  /** (f(x + ε) − f(x))/ε, or (f(x + ε) − f(x − ε))/2ε, whose error falls with ε²; central by default. */
  method?: "forward" | "central";
  /** By default the ε at which the error of the formula meets that of rounding: 10⁻⁸ forward, 6·10⁻⁶ central. */
  eps?: number;
}

/** ∂f/∂x by differences of f on the float64 reference, an element of x at a time; of x's size, row-major. */
export async function numericGrad(
  f: ScalarFunction,
  x: Tensor | NestedValues,
  options: NumericOptions = {},
): Promise<Float64Array> {
  checkOptions("numericGrad", options, ["method", "eps"]);
  const { method = "central", eps = method === "forward" ? 1e-8 : 6e-6 } = options;
  checkNumber("numericGrad: eps", eps, "a positive number", (value) => value > 0);
  if (method !== "forward" && method !== "central") {
    throw new ValueError(`numericGrad: a method is "forward" or "central", got ${String(method)}`);
  }
  const at = x instanceof Tensor ? x : tensor(x);
  const graph = await graphOf("numericGrad", f, at);
  const { data } = graph;
  const moved = (i: number, by: number) => realAt(graph, data.with(i, data[i] + by));
  const here = method === "forward" ? realAt(graph, data) : 0;
  return data.map((_, i) =>
    method === "forward"
      ? (moved(i, eps) - here) / eps
      : (moved(i, eps) - moved(i, -eps)) / (2 * eps),
  );
}

/** So small that its square is lost beside 1, and so is every error of the formula. */
const COMPLEX_STEP = 1e-100;

/**
 * ∂f/∂x as Im f(x + iεe)/ε on the complex128 reference, exact to rounding; of x's size, row-major. Ops that are
 * analytic piece by piece (relu, max, where) branch on the real part. Squire, Trapp 1998.
 */
export async function complexStepGrad(
  f: ScalarFunction,
  x: Tensor | NestedValues,
): Promise<Float64Array> {
  const at = x instanceof Tensor ? x : tensor(x);
  const { input, data: re, y, values } = await graphOf("complexStepGrad", f, at);
  return re.map((_, i) => {
    const im = new Float64Array(re.length);
    im[i] = COMPLEX_STEP;
    const leaf = (node: Tensor): ComplexArray =>
      node === input ? { re, im } : { re: values.get(node)!, im: null };
    const [result] = interpret([y], leaf, evaluateComplex);
    return (result.im?.[0] ?? 0) / COMPLEX_STEP;
  });
}

/** How far a gradient is from another. */
export interface Distance {
  /** The largest |difference|. */
  absolute: number;
  /** That over the largest element of the oracle's gradient. */
  relative: number;
}

/** The gradient of a function in several ways. */
export interface GradientReport {
  /** By the rules of the ops, on the float64 reference. */
  reverse: Float64Array;
  /** By the rules of the ops, on the current device. */
  device: Float64Array;
  complexStep: Float64Array;
  central: Float64Array;
  /** Reverse mode on the reference against each oracle, and the device against the reference. */
  errors: Record<"complexStep" | "central" | "device", Distance>;
  /** Whether reverse mode agrees with the complex step to 10⁻⁹, or where an op is not analytic with differences to 10⁻⁴. */
  ok: boolean;
  toString(): string;
}

/** Compares the gradient that the rules give with the oracles'. */
export async function checkGradients(
  f: ScalarFunction,
  x: Tensor | NestedValues,
): Promise<GradientReport> {
  const at = x instanceof Tensor ? x : tensor(x);
  const { input, data, y, values } = await graphOf("checkGradients", f, at);
  const [g] = gradients(y, [input]);
  for (const [node, value] of await readSources([g], input)) values.set(node, value);
  const leaf = (node: Tensor) => (node === input ? data : values.get(node)!);
  const reverse = Float64Array.from(interpret([g], leaf, evaluateReal("float64"))[0]);
  const device = Float64Array.from(await hostData(onDevice(f, at)));
  const [complexStep, central] = [await complexStepGrad(f, at), await numericGrad(f, at)];
  const errors = {
    complexStep: distance(reverse, complexStep),
    central: distance(reverse, central),
    device: distance(device, reverse),
  };
  const ok = errors.complexStep.relative <= 1e-9 || errors.central.relative <= 1e-4;
  const line = (name: keyof typeof errors) =>
    `${name.padEnd(12)} ${errors[name].absolute.toExponential(1)} absolute, ${errors[name].relative.toExponential(1)} relative`;
  return {
    reverse,
    device,
    complexStep,
    central,
    errors,
    ok,
    toString: () =>
      [
        `reverse mode ${ok ? "agrees" : "DISAGREES"} with its oracles`,
        line("complexStep"),
        line("central"),
        line("device"),
      ].join("\n"),
  };
}

/** The gradient as the current device computes it. */
function onDevice(f: ScalarFunction, x: Tensor): Tensor {
  const at = identity(x);
  return gradients(f(at), [at])[0];
}

function distance(got: Float64Array, expected: Float64Array): Distance {
  let [absolute, largest] = [0, 0];
  expected.forEach((e, i) => {
    const d = Math.abs(got[i] - e);
    absolute =
      Number.isNaN(d) && !(Number.isNaN(e) && Number.isNaN(got[i]))
        ? Infinity
        : Math.max(absolute, d || 0);
    largest = Math.max(largest, Math.abs(e) || 0);
  });
  return {
    absolute,
    relative: absolute === 0 ? 0 : absolute / Math.max(largest, Number.MIN_VALUE),
  };
}

/** Runs any function of tensors once on the current device and once on the float64 reference, and compares. */
export function validate<A extends unknown[]>(
  f: (...args: A) => unknown,
  ...args: A
): Promise<Validation> {
  checkInstance("validate", f, Function, "a function");
  const compiled = compile(f as (...args: unknown[]) => unknown);
  return compiled.validate(...(args as unknown[]));
}
