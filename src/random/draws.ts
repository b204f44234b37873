import { checkNumber } from "../base/check-number.ts";
import { ShapeError, ValueError } from "../base/errors.ts";
import { getOrMake } from "../base/maps.ts";
import { checkOptions } from "../base/options.ts";
import { seedOf } from "../base/seed.ts";
import { broadcastShapes, checkShape, sameShape, show, type Shape } from "../base/shape.ts";
import { WeakList } from "../base/weak-list.ts";
import { requireBackend, type Backend } from "../graph/backend.ts";
import { apply, constantOf, scalar, withOp, type TensorLike } from "../graph/build.ts";
import type { Attrs, MapOp } from "../graph/op.ts";
import { call, callAs } from "../graph/scalar.ts";
import { Tensor } from "../graph/tensor.ts";
import { currentTrace, withTrace, type Trace } from "../graph/trace.ts";
import { Variable } from "../graph/variable.ts";
import { add, mul, sub } from "../ops/arithmetic.ts";
import { cast } from "../ops/cast.ts";
import { less } from "../ops/compare.ts";
import { elementwise, type Elementwise } from "../ops/elementwise.ts";
import { iota } from "../ops/iota.ts";
import { reshape } from "../ops/movement.ts";
import { operandsOf } from "../ops/operands.ts";
import { currentDraw, currentSeed, nextCall, restart } from "./generator.ts";
import { slice } from "../ops/slice.ts";

// Random numbers are a function of (seed, draw, element, call): the same on every backend, in any order. `draw` numbers
// the draws of a trace, from 1; `call` counts the calls of compiled functions, on the device, or outside of traces the
// draws, which are then all number 0.

/** A random draw of a dtype: an elementwise function of seed, draw, element and call. */
/* @__NO_SIDE_EFFECTS__ */
function drawOp<A extends Attrs>(
  dtype: "float32" | "int32" | "uint32",
  rule: Omit<Elementwise<[number, number, number, number], A>, "takes" | "expensive">,
): MapOp<A> {
  const op = elementwise({ ...rule, takes: "number", expensive: true });
  return { ...op, random: true, infer: (inputs, attrs) => ({ ...op.infer(inputs, attrs), dtype }) };
}

const bitsOp = drawOp("uint32", {
  name: "randomBits",
  real: (seed, draw, element, call, _, F) => F.threefry(seed, draw, element, call)[0],
  scalar: (key) => call("randomBits", ...key),
});

const uniformOp = drawOp("float32", {
  name: "randomUniform",
  real: (seed, draw, element, call, _, F) =>
    F.uniformFromBits(F.threefry(seed, draw, element, call)[0]),
  scalar: (key) => callAs("float32", "uniformFromBits", call("randomBits", ...key)),
});

const normalOp = drawOp("float32", {
  name: "randomNormal",
  real: (seed, draw, element, call, _, F) =>
    F.normalFromBits(...F.threefry(seed, draw, element, call)),
  scalar: (key) => callAs("float32", "randomNormal", ...key),
});

const permutationOp = drawOp<{ length: number }>("int32", {
  name: "randomPermutation",
  real: (seed, draw, element, call, { length }, F) =>
    F.permute(element, length, ...F.permutationKey(seed, draw, call)),
  scalar: (key, { length }) => callAs("int32", "randomPlace", ...key, length),
});

/** [seed, call] on each device for as long as it is there, advanced by every call of a compiled function that draws. */
const states = new WeakMap<Backend, Variable>();
/** Those of all devices that may be there. */
const allStates = /* @__PURE__ */ new WeakList<Variable>();

const word = (value: number) => scalar(value >>> 0, "uint32");

/** The state of a device, made here if nothing has drawn there yet. */
export const stateOf = (backend: Backend): Variable =>
  getOrMake(states, backend, () => {
    const initial = words(currentSeed(), 0);
    initial.backend = backend;
    const state = withTrace(null, () => new Variable(initial, false));
    allStates.add(state);
    return state;
  });

/** Lets go of the state of a device that has been disposed. */
export const forgetState = (backend: Backend): boolean => states.delete(backend);

/** A seed and a count as they are on devices. */
export const words = (a: number, b: number): Tensor =>
  constantOf(Uint32Array.of(a, b), { shape: [2], dtype: "uint32" });

/**
 * Makes all draws from here on, on every device, repeat for the same seed, a whole number; otherwise a ValueError. In a
 * compiled function it does so in every call.
 * @param value a whole number
 * @throws ValueError where it is none
 */
export function seed(value: number): void {
  const given = seedOf("random.seed", value);
  const trace = currentTrace();
  const own = trace && stateOf(requireBackend(trace.backend));
  const others = () => {
    restart(given);
    for (const state of allStates) {
      if (state !== own && states.get(state.backend!) === state) state.assign(words(given, 0));
    }
  };
  if (!trace || !own) {
    others();
    return;
  }
  const before = currentDraw();
  trace.act(others, () => restart(...before));
  restart(given);
  trace.draws = 0;
  statesInTraces.set(trace, words(given, 0));
  own.assign(words(given, 1));
}

/** Seed, draw and call for the next draw. */
function nextKey(): [seed: Tensor, draw: Tensor, call: Tensor] {
  const trace = currentTrace();
  const state = trace ? stateInTrace(trace) : words(...nextCall());
  const part = (i: number) => reshape(slice(state, [i], [i + 1]), []);
  return [part(0), word(trace ? ++trace.draws : 0), part(1)];
}

const statesInTraces = new WeakMap<Trace, Tensor>();

/** The state as it was when the trace began; the trace leaves it one call further. */
const stateInTrace = (trace: Trace): Tensor =>
  getOrMake(statesInTraces, trace, () => {
    const state = stateOf(requireBackend(trace.backend));
    const before = state.value;
    state.assign(add(before, words(0, 1)));
    return before;
  });

/** A draw for each element of what is known to be a shape. */
function draw(op: MapOp, shape: Shape, attrs: Attrs = {}): Tensor {
  const [seed, draw, call] = nextKey();
  return apply(op, [seed, draw, iota(shape, "uint32"), call], attrs);
}

/**
 * Uniform random words, uint32, of a shape.
 * @param shape the lengths
 * @returns uint32, of that shape
 * @throws ShapeError where that is no shape
 */
export const bits = withOp(
  (shape: Shape): Tensor => draw(bitsOp, checkShape("random.bits", shape)),
  bitsOp,
);

/** Uniform numbers from [0, 1), of what is known to be a shape. */
export const unit = (shape: Shape): Tensor => draw(uniformOp, shape);

/** Throws for parameters of a distribution that do not broadcast to the shape of its draws. */
function checkGiven(op: string, parameters: readonly TensorLike[], shape: Shape): void {
  for (const x of parameters) {
    if (!(x instanceof Tensor) || sameShape(broadcastShapes(op, x.shape, shape), shape)) continue;
    throw new ShapeError(`${op}: ${show(x.shape)} does not broadcast to ${show(shape)}`);
  }
}

/** The range of `random.uniform`. */
export interface UniformOptions {
  /** Included; 0 by default. */
  min?: TensorLike;
  /** Not included; 1 by default. */
  max?: TensorLike;
}

const betweenOp = elementwise<[number, number, number], Attrs>({
  name: "randomBetween",
  takes: "float",
  real: (u, min, max, _, F) => F.uniformBetween(u, min, max),
  complex: (C) => (u, min, max) => {
    const { im } = C.add(min, C.mul(u, C.sub(max, min)));
    const [low, high] = [Math.fround(min.re), Math.fround(max.re)];
    return { re: low + Math.fround(u.re * Math.fround(high - low)), im };
  },
  scalar: "uniformBetween",
  partials: ([u, min, max]) => [sub(max, min), sub(1, u), u],
});

/** min + u (max − min) for u from [0, 1), of which rounding makes no max: below it is the greatest. */
export const uniformBetween = withOp(
  (u: Tensor, min: TensorLike, max: TensorLike): Tensor =>
    apply(betweenOp, operandsOf("random.uniform", [u, min, max]), {}),
  betweenOp,
);

/**
 * Uniform numbers from [min, max) in steps of (max − min) · 2⁻²⁴, float32, and min where no other float32 lies between
 * them; `min` and `max` broadcast to the shape. A ValueError for numbers that are not in order, or too far apart.
 * @param shape the lengths
 * @param options the range, [0, 1) by default
 * @returns float32, of that shape
 * @throws ShapeError where that is no shape, or the range does not broadcast to it
 * @throws DtypeError where an end of the range is uint32 or bool
 * @throws ValueError where numbers are not in order, or too far apart
 */
export const uniform = withOp((shape: Shape, options: UniformOptions = {}): Tensor => {
  checkOptions("random.uniform", options, ["min", "max"]);
  const { min = 0, max = 1 } = options;
  if (typeof min === "number" && typeof max === "number") {
    const width = max - min;
    if (!(width >= 0 && Number.isFinite(Math.fround(width)))) {
      throw new ValueError(`random.uniform: there is no range from ${min} to ${max}`);
    }
  }
  const u = unit(checkShape("random.uniform", shape));
  checkGiven("random.uniform", [min, max], shape);
  return min === 0 && max === 1 ? u : uniformBetween(u, min, max);
}, uniformOp);

/** The distribution of `random.normal`. */
export interface NormalOptions {
  /** 0 by default; a tensor broadcasts. */
  mean?: TensorLike;
  /** Standard deviation. */
  std?: TensorLike;
}

/**
 * Normally distributed numbers, float32, by default with mean 0 and standard deviation 1, which broadcast to the shape.
 * @param shape the lengths
 * @param options mean and standard deviation
 * @returns float32, of that shape
 * @throws ShapeError where that is no shape, or mean or standard deviation do not broadcast to it
 * @throws DtypeError where one of them is uint32 or bool
 * @throws ValueError where the standard deviation is a negative number
 */
export const normal = withOp((shape: Shape, options: NormalOptions = {}): Tensor => {
  checkOptions("random.normal", options, ["mean", "std"]);
  const { mean = 0, std = 1 } = options;
  const z = draw(normalOp, checkShape("random.normal", shape));
  checkGiven("random.normal", [mean, std], shape);
  if (typeof std === "number") {
    checkNumber("random.normal: std", std, "a number ≥ 0", (value) => value >= 0);
  }
  const [drawn, by, from] = operandsOf("random.normal", [z, std, mean]);
  const scaled = std === 1 ? drawn : mul(drawn, by);
  return mean === 0 ? scaled : add(scaled, from);
}, normalOp);

/**
 * true with probability p, else false; p broadcasts to the shape. A ValueError for a number outside of [0, 1].
 * @param p a probability, or a tensor of them
 * @param shape the lengths
 * @returns bool, of that shape
 * @throws ShapeError where that is no shape, or p does not broadcast to it
 * @throws DtypeError where p is uint32 or bool
 * @throws ValueError where a number is no probability
 */
export function bernoulli(p: TensorLike, shape: Shape): Tensor {
  if (!(p instanceof Tensor)) {
    checkNumber("random.bernoulli: p", p, "a probability", (value) => value >= 0 && value <= 1);
  }
  const u = unit(checkShape("random.bernoulli", shape));
  checkGiven("random.bernoulli", [p], shape);
  const [drawn, below] = operandsOf("random.bernoulli", [u, p]);
  return less(drawn, below);
}

/**
 * 0 … n − 1 in random order, int32 [n]; a ShapeError unless n is a whole number below 2³¹.
 * @param n how many
 * @returns int32 [n]
 * @throws ShapeError where n is no whole number below 2³¹
 */
export const permutation = withOp((n: number): Tensor => {
  if (!Number.isInteger(n) || n < 0 || n >= 2 ** 31) {
    throw new ShapeError(`random.permutation: ${n} is not a number of elements`);
  }
  return draw(permutationOp, [n], { length: n });
}, permutationOp);

/**
 * Where a random bijection of 0 … n − 1 takes each of `indices`, int32: permutation number `call` of a seed, of which
 * no more is computed than is asked for.
 */
export function permuted(indices: Tensor, n: number, seed: number, call: Tensor): Tensor {
  const asWord = (x: Tensor) => cast(x, "uint32");
  const inputs = [word(seed), word(0), asWord(indices), asWord(call)];
  return apply(permutationOp, inputs, { length: n });
}
