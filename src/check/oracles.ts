import { grad, scalarOf } from "../autodiff/grad.ts";
import { gradientsOf } from "../autodiff/gradients.ts";
import { evaluateComplex, evaluateReal, interpret } from "../backends/cpu/interpret.ts";
import { checkNumber } from "../base/check-number.ts";
import { tangentsOf } from "../autodiff/jvp.ts";
import { checkInstance } from "../base/describe-value.ts";
import type { HostArray } from "../base/dtype.ts";
import { isFloat } from "../base/dtype.ts";
import { GradientError, ShapeError, ValueError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { sameShape, show } from "../base/shape.ts";
import { compile } from "../compile/compile.ts";
import { currentBackend } from "../graph/backend.ts";
import { placeholder } from "../graph/build.ts";
import { evaluate } from "../graph/evaluate.ts";
import type { ComplexArray } from "../graph/op.ts";
import { hostData } from "../graph/host-data.ts";
import { describe, Tensor, topologicalOrder } from "../graph/tensor.ts";
import { Trace, withTrace } from "../graph/trace.ts";
import { tensor, type NestedValues } from "../ops/create.ts";
import type { Validation } from "../inspect/validate.ts";

// Derivatives that don't come from the rules of the ops: all on the float64 or complex128 reference, whatever the
// device, so that they can judge it. What f assigns is not carried out, but where checkGradients runs f on the device.

/** A function of one tensor that returns a scalar. */
export type ScalarFunction = (x: Tensor) => Tensor;

/** f as a graph on a placeholder, with x and the values of everything else that it reads. */
export interface Graph {
  trace: Trace;
  input: Tensor;
  data: Float64Array;
  y: Tensor;
  values: Map<Tensor, HostArray>;
}

/** f is traced once, and what it assigns is not carried out. */
export async function graphOf(name: string, f: ScalarFunction, x: Tensor): Promise<Graph> {
  checkInstance(name, f, Function, "a function");
  if (!isFloat(x.dtype)) {
    throw new GradientError(
      `${name}: ${describe(x)} is not a float, so there is nothing to differentiate`,
    );
  }
  const backend = x.backend ?? currentBackend();
  // An assignment that is pending would change the graph while its sources are read.
  if (backend) evaluate([], backend);
  const trace = new Trace(backend);
  const [input, y] = withTrace(trace, () => {
    const own = placeholder(x);
    return [own, scalarOf(name, f(own)).value] as const;
  });
  const [read, values] = await Promise.all([unrounded(x), readSources([y], [input])]);
  const data = Float64Array.from(read);
  const graph = { trace, input, data, y, values };
  holdAssigned(graph);
  return graph;
}

/** The values of all sources but placeholders, as they are at this moment. */
export async function readSources(
  roots: readonly Tensor[],
  placeholders: readonly Tensor[],
): Promise<Map<Tensor, HostArray>> {
  const sources = topologicalOrder(roots).filter(
    (node) => !node.op && !placeholders.includes(node),
  );
  return new Map(
    await Promise.all(sources.map(async (node) => [node, await unrounded(node)] as const)),
  );
}

/** A value in all its digits: constants are not cut to those of the device. */
function unrounded(x: Tensor): Promise<HostArray> | HostArray {
  const { source } = x.value;
  if (source?.kind === "constant") return source.data;
  return hostData(source?.kind === "variable" ? source.variable : x);
}

/** No derivative passes an assignment: what f assigned keeps the value that it has at x. */
function holdAssigned({ trace, input, data, y, values }: Graph): void {
  const assigned = topologicalOrder([y]).filter((node) => node.trace === trace && node.versionOf);
  const open = assigned.filter((node) => node.op);
  const leaf = (node: Tensor) => (node === input ? data : values.get(node)!);
  interpret(open, leaf, evaluateReal("float64")).forEach((value, i) => {
    open[i].settle({ kind: "constant", data: value });
    values.set(open[i], value);
  });
}

/** The value of f at these numbers, in float64. */
export function realAt({ input, y, values }: Graph, data: HostArray): number {
  const leaf = (node: Tensor) => (node === input ? data : values.get(node)!);
  return interpret([y], leaf, evaluateReal("float64"))[0][0];
}

/** The formula of `numericGrad`, and its step. */
export interface NumericOptions {
  /** (f(x + ε) − f(x))/ε, or (f(x + ε) − f(x − ε))/2ε, whose error falls with ε²; central by default. */
  method?: "forward" | "central";
  /** By default the ε at which the error of the formula meets that of rounding: 10⁻⁸ forward, 6·10⁻⁶ central. */
  eps?: number;
}

/** Where the error of a central difference meets that of rounding. */
const CENTRAL_STEP = 6e-6;

/**
 * ∂f/∂x by differences of f on the float64 reference, an element of x at a time; of x's size, row-major.
 * @param f a function of one tensor that returns a scalar
 * @param x where
 * @param options the formula and its step
 * @returns of x's size, row-major
 * @throws ShapeError where f returns no scalar
 * @throws ValueError where the method or ε is none
 * @throws GradientError where x is not float32
 */
export async function numericGrad(
  f: ScalarFunction,
  x: Tensor | NestedValues,
  options: NumericOptions = {},
): Promise<Float64Array> {
  checkOptions("numericGrad", options, ["method", "eps"]);
  const { method = "central", eps = method === "forward" ? 1e-8 : CENTRAL_STEP } = options;
  const isStep = (value: number) => value > 0 && value < Infinity;
  checkNumber("numericGrad: eps", eps, "a positive number", isStep);
  if (method !== "forward" && method !== "central") {
    throw new ValueError(`numericGrad: a method is "forward" or "central", got ${String(method)}`);
  }
  const at = x instanceof Tensor ? x : tensor(x);
  return differencesOf(await graphOf("numericGrad", f, at), method, eps);
}

export function differencesOf(
  graph: Graph,
  method: NonNullable<NumericOptions["method"]>,
  eps: number,
): Float64Array {
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

/** A direction, for one derivative instead of all. */
export interface ComplexStepOptions {
  /** Of x's shape: the derivative in this direction alone, by one evaluation. */
  direction: Tensor | NestedValues;
}

/**
 * ∂f/∂x as Im f(x + iεe)/ε on the complex128 reference, exact to rounding; of x's size, row-major, by an evaluation for
 * each element. With a direction d it is ∇f · d = Im f(x + iεd)/ε, a number, by one evaluation. Ops that are analytic
 * piece by piece (relu, max, where) branch on the real part. Squire, Trapp 1998.
 * @param f a function of one tensor that returns a scalar
 * @param x where
 * @param options a direction, of the shape of x
 * @returns of x's size, row-major; along a direction one number
 * @throws ShapeError where f returns no scalar, or the direction has another shape
 * @throws GradientError where x is not float32, or an op has no complex form
 */
export function complexStepGrad(
  f: ScalarFunction,
  x: Tensor | NestedValues,
  options?: { direction?: undefined },
): Promise<Float64Array>;
export function complexStepGrad(
  f: ScalarFunction,
  x: Tensor | NestedValues,
  options: ComplexStepOptions,
): Promise<number>;
export async function complexStepGrad(
  f: ScalarFunction,
  x: Tensor | NestedValues,
  options: Partial<ComplexStepOptions> = {},
): Promise<Float64Array | number> {
  checkOptions("complexStepGrad", options, ["direction"]);
  const { direction } = options;
  const at = x instanceof Tensor ? x : tensor(x);
  const graph = await graphOf("complexStepGrad", f, at);
  if (direction === undefined) return complexStepOf(graph);
  const d = direction instanceof Tensor ? direction : tensor(direction);
  if (!sameShape(d.shape, at.shape)) {
    throw new ShapeError(
      `complexStepGrad: the direction has shape ${show(d.shape)}, x has ${show(at.shape)}`,
    );
  }
  const v = Float64Array.from(await unrounded(d));
  return isDefined(graph) ? complexStepAlong(graph, graph.y, v)[0] : NaN;
}

/** By every element; NaN where f(x) is, though the complex function may go on there, as log(−1) = iπ does. */
export function complexStepOf(graph: Graph, eps = COMPLEX_STEP): Float64Array {
  const { data, y } = graph;
  if (!isDefined(graph)) return data.map(() => NaN);
  return data.map((_, i) => complexStepAlong(graph, y, unit(data.length, i), eps)[0]);
}

const isDefined = (graph: Graph) => !Number.isNaN(realAt(graph, graph.data));

/** Im y(x + iεv)/ε for a node of a graph. */
function complexStepAlong(
  { input, data: re, values }: Graph,
  y: Tensor,
  v: Float64Array,
  eps = COMPLEX_STEP,
): Float64Array {
  const im = v.map((part) => part * eps);
  const leaf = (node: Tensor): ComplexArray =>
    node === input ? { re, im } : { re: values.get(node)!, im: null };
  const [result] = interpret([y], leaf, evaluateComplex);
  return result.im?.map((part) => part / eps) ?? new Float64Array(y.size);
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
  /**
   * A line for each way, with its error.
   * @returns the text
   */
  toString(): string;
}

/**
 * Compares the derivatives that the rules give, in both modes and of both orders, with the oracles'.
 * @param f a function of one tensor that returns a scalar
 * @param x where
 * @returns the gradients by each way, their errors, and whether they agree
 * @throws ShapeError where f returns no scalar
 * @throws GradientError where f depends on x only through ops without derivatives
 */
export async function checkGradients(
  f: ScalarFunction,
  x: Tensor | NestedValues,
): Promise<GradientReport> {
  const at = x instanceof Tensor ? x : tensor(x);
  const graph = await graphOf("checkGradients", f, at);
  const { trace, input, data, y, values } = graph;
  const [g, t, dy, dg] = withTrace(trace, () => {
    const t = placeholder(at);
    const along = (z: Tensor) => {
      const seed = { x: input, tangent: t, name: "x" };
      return tangentsOf("checkGradients", [z], [seed], input.id).get(z)!;
    };
    const [g] = gradientsOf("checkGradients", y, [input], undefined, () => "x");
    return [g, t, along(y), along(g)] as const;
  });
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
  const device = Float64Array.from(await hostData(grad(f)(at)));
  const complexStep = complexStepOf(graph);
  const central = differencesOf(graph, "central", CENTRAL_STEP);
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

export function distance(got: Float64Array, expected: Float64Array, least = 0): Distance {
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

/**
 * Runs any function of tensors once on the current device and once on the float64 reference, and compares.
 * @param f any function of tensors
 * @param args its arguments
 * @returns the errors, worst first
 */
export function validate<A extends unknown[]>(
  f: (...args: A) => unknown,
  ...args: A
): Promise<Validation> {
  checkInstance("validate", f, Function, "a function");
  const compiled = compile(f as (...args: unknown[]) => unknown);
  return compiled.validate(...(args as unknown[]));
}
