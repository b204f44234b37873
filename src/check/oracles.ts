import { evaluateComplex, evaluateReal, interpret } from "../backends/cpu/interpret.ts";
import { gradients } from "../autodiff/gradients.ts";
import { tangentsOf } from "../autodiff/jvp.ts";
import { checkInstance } from "../base/describe-value.ts";
import type { HostArray } from "../base/dtype.ts";
import { isFloat } from "../base/dtype.ts";
import { GradientError, ShapeError, ValueError } from "../base/errors.ts";
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
  const y = f(input);
  if (!(y instanceof Tensor)) throw new ValueError(`${name}: the function must return a tensor`);
  if (y.size !== 1) {
    throw new ShapeError(
      `${name}: the function returned ${describe(y)}, not a scalar; reduce it, as in y.sum()`,
    );
  }
  const data = Float64Array.from(await unrounded(x));
  return { input, data, y: y.value, values: await readSources([y.value], [input]) };
}

/** The values of all sources but placeholders. What is read is computed, and so is a source itself from then on. */
async function readSources(
  roots: readonly Tensor[],
  placeholders: readonly Tensor[],
): Promise<Map<Tensor, HostArray>> {
  const values = new Map<Tensor, HostArray>();
  const next = () =>
    topologicalOrder(roots).find(
      (node) => !node.op && !placeholders.includes(node) && !values.has(node),
    );
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

/** Where the error of a central difference meets that of rounding. */
const CENTRAL_STEP = 6e-6;

/** ∂f/∂x by differences of f on the float64 reference, an element of x at a time; of x's size, row-major. */
export async function numericGrad(
  f: ScalarFunction,
  x: Tensor | NestedValues,
  { method = "central", eps = method === "forward" ? 1e-8 : CENTRAL_STEP }: NumericOptions = {},
): Promise<Float64Array> {
  if (!(eps > 0)) throw new ValueError(`numericGrad: eps is positive, got ${eps}`);
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
  const graph = await graphOf("complexStepGrad", f, at);
  return graph.data.map((_, i) => complexStepAlong(graph, graph.y, unit(graph.data.length, i))[0]);
}

/** Im y(x + iεv)/ε for a node of a graph. */
function complexStepAlong(
  { input, data: re, values }: Graph,
  y: Tensor,
  v: Float64Array,
): Float64Array {
  const im = v.map((part) => part * COMPLEX_STEP);
  const leaf = (node: Tensor): ComplexArray =>
    node === input ? { re, im } : { re: values.get(node)!, im: null };
  const [result] = interpret([y], leaf, evaluateComplex);
  return result.im?.map((part) => part / COMPLEX_STEP) ?? new Float64Array(y.size);
}

const unit = (n: number, i: number) => new Float64Array(n).fill(1, i, i + 1);

/** How far a gradient is from another. */
export interface Distance {
  /** The largest |difference|. */
  absolute: number;
  /** That over the largest element of what is right. */
  relative: number;
}

/** The gradient of a function in several ways. */
export interface GradientReport {
  /** ∇f by reverse mode, on the float64 reference. */
  reverse: Float64Array;
  /** The same by forward mode, an element of x at a time. */
  forward: Float64Array;
  /** ∇²f · v by forward mode over reverse mode, on the reference, for v = (cos 0, cos 1, cos 2, …). */
  secondOrder: Float64Array;
  /** ∇f by complex steps. */
  complexStep: Float64Array;
  /** ∇f by central differences. */
  central: Float64Array;
  /** ∇f by reverse mode, on the current device. */
  device: Float64Array;
  /**
   * Reverse mode on the reference against each oracle, forward mode and the device against reverse mode, and the second
   * order against complex steps or differences of ∇f, whichever is nearer: relative to the larger of ∇²f · v and ∇f,
   * since ∇²f may be 0.
   */
  errors: Record<"complexStep" | "central" | "forward" | "secondOrder" | "device", Distance>;
  /**
   * Whether both modes and the second order agree with the complex step to 10⁻⁹, or where an op is not analytic with
   * differences to 10⁻⁴.
   */
  ok: boolean;
  toString(): string;
}

/** Compares the derivatives that the rules give, in both modes and of both orders, with the oracles'. */
export async function checkGradients(
  f: ScalarFunction,
  x: Tensor | NestedValues,
): Promise<GradientReport> {
  const at = x instanceof Tensor ? x : tensor(x);
  const graph = await graphOf("checkGradients", f, at);
  const { input, data, y, values } = graph;
  const [g] = gradients(y, [input]);
  const t = placeholder(at);
  const along = (z: Tensor) => {
    const seed = { x: input, tangent: t, name: "the argument" };
    return tangentsOf("checkGradients", [z], [seed], input.id).get(z)!;
  };
  const [dy, dg] = [along(y), along(g)];
  for (const [node, value] of await readSources([g, dy, dg], [input, t])) values.set(node, value);
  const valueOf = (z: Tensor, x: Float64Array, v?: Float64Array) => {
    const leaf = (node: Tensor) => (node === input ? x : node === t ? v! : values.get(node)!);
    return Float64Array.from(interpret([z], leaf, evaluateReal("float64"))[0]);
  };
  const reverse = valueOf(g, data);
  const forward = data.map((_, i) => valueOf(dy, data, unit(data.length, i))[0]);
  const v = data.map((_, i) => Math.cos(i));
  const secondOrder = valueOf(dg, data, v);
  const [before, after] = [-CENTRAL_STEP, CENTRAL_STEP].map((eps) =>
    valueOf(
      g,
      data.map((x, i) => x + eps * v[i]),
    ),
  );
  const differences = after.map((a, i) => (a - before[i]) / (2 * CENTRAL_STEP));
  const least = reverse.reduce((m, e) => Math.max(m, Math.abs(e) || 0), 0);
  const second = [
    distance(secondOrder, complexStepAlong(graph, g, v), least),
    distance(secondOrder, differences, least),
  ];
  const device = Float64Array.from(await hostData(onDevice(f, at)));
  const [complexStep, central] = [await complexStepGrad(f, at), await numericGrad(f, at)];
  const errors = {
    complexStep: distance(reverse, complexStep),
    central: distance(reverse, central),
    forward: distance(forward, reverse),
    secondOrder: second[0].relative <= second[1].relative ? second[0] : second[1],
    device: distance(device, reverse),
  };
  const agree = (analytic: Distance, numeric: Distance) =>
    analytic.relative <= 1e-9 || numeric.relative <= 1e-4;
  const ok =
    agree(errors.complexStep, errors.central) &&
    errors.forward.relative <= 1e-9 &&
    agree(second[0], second[1]);
  const line = (name: keyof typeof errors) =>
    `${name.padEnd(12)} ${errors[name].absolute.toExponential(1)} absolute, ${errors[name].relative.toExponential(1)} relative`;
  return {
    reverse,
    forward,
    secondOrder,
    complexStep,
    central,
    device,
    errors,
    ok,
    toString: () =>
      [
        `derivatives ${ok ? "agree" : "DISAGREE"} with their oracles`,
        ...(Object.keys(errors) as (keyof typeof errors)[]).map(line),
      ].join("\n"),
  };
}

/** The gradient as the current device computes it. */
function onDevice(f: ScalarFunction, x: Tensor): Tensor {
  const at = identity(x);
  return gradients(f(at), [at])[0];
}

function distance(got: Float64Array, expected: Float64Array, least = 0): Distance {
  let [absolute, largest] = [0, least];
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
