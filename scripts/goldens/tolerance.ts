import { partOf, type Case, type Error32, type Numbers } from "./format.ts";
import { lengthOf } from "./length.ts";

export type Backend = "cpu" | "webgpu";

/** How far element i may be from the truth. */
export type Bound = (i: number) => number;

/** A unit in the last place of 1, halved: the relative error of one rounding to float32. */
export const ROUNDING = 2 ** -24;
/** Where float32 ends: results below may be flushed to 0. */
export const SMALLEST = 1.2e-38;

/** The largest finite |x|. */
export function largest(values: Numbers): number {
  let most = 0;
  for (const v of values) if (Math.abs(v) > most && Math.abs(v) < Infinity) most = Math.abs(v);
  return most;
}

/** Determinants and what is divided by them; sums of what nearly cancels. */
const cancels = ({ op, tags }: Case): boolean =>
  tags.includes("stress") || /det|inv|solve|cholesky/.test(op);

/** What float64 code may be off by, relative to the largest result. */
function relativeError(c: Case, kind: string): number {
  if (cancels(c)) return 1e-10;
  if (c.op !== "bce" || !["gg64", "jvp64"].includes(kind)) return 1e-12;
  // PyTorch adds 1e-12 to x and to 1 − x in its second derivative, and in forward mode, which it makes of that.
  const x = c.tensors.get("in.x")!.data;
  return 4e-12 / Math.min(...x, ...Array.from(x, (v) => 1 - v));
}

/** The bound on all of a part ("out64.y", "gin64.x"), by PyTorch's error in float32 and the largest |truth|. */
export function boundOf(c: Case, part: string, truth: Numbers, backend: Backend): Bound {
  const [kind] = part.split(".");
  const { abs, scale } = error32(c, part, truth);
  const terms = incoming(c, kind);
  // Of gradients that are nothing but the rounding of what cancels, the size is that of what came in.
  const size = scale < 1e-12 * terms ? terms : scale;
  // Gradients at huge logits may be tiny.
  const absolute = c.tags.includes("extreme") && kind === "gin64" ? Math.max(1, terms) : 0;
  if (backend === "cpu") {
    const tolerance = relativeError(c, kind) * Math.max(size, absolute);
    return () => tolerance;
  }
  const length = lengthOf(c, part);
  const summed = kind === "jvp64" ? Math.max(size, tangentTerms(c)) : size;
  const tolerance = Math.max(
    8 * abs,
    32 * ROUNDING * summed,
    length > 1 ? ROUNDING * Math.sqrt(length) * 4 * summed : 0,
    2 ** -20 * absolute,
  );
  return () => tolerance + SMALLEST;
}

/** As the case states it, or from PyTorch's own result in float32, where that is stored. */
function error32(c: Case, part: string, truth: Numbers): Error32 {
  const name = part.replace("gin64.", "d").replace("out64.", "");
  const stated = c.err32[name];
  if (stated) return stated;
  const own = c.tensors.get(part.replace("64", "32"))?.data;
  const errors = own ? truth.map((v, i) => own[i] - v) : new Float64Array();
  return { abs: largest(errors), scale: largest(truth) };
}

/**
 * Σ |∂y/∂xᵢ dxᵢ| for a y of one number, whose tangent is the sum of these terms. They may cancel (to a hundredth in mse-4
 * and norm2-4), and none is nearer than its own rounding. 0 where y is more than one number.
 */
function tangentTerms(c: Case): number {
  const gout = c.tensors.get("gout.y")?.data;
  if (gout?.length !== 1) return 0;
  const of = (name: string) => {
    const [gradient, tangent] = [c.tensors.get(`gin64.${name}`), c.tensors.get(`tan.${name}`)];
    return gradient && tangent ? inner(gradient.data, tangent.data) : 0;
  };
  return c.grads.reduce((sum, name) => sum + of(name), 0) / Math.abs(gout[0]);
}

/** Σ |aᵢ bᵢ|. */
export function inner(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i] * b[i]);
  return sum;
}

/** The largest of what is multiplied into a derivative; 0 for a result. */
function incoming(c: Case, kind: string): number {
  const given = { jvp64: "tan", gin64: "gout", gg64: "v" }[kind];
  return given ? largestOf(c, given) : 0;
}

const largestOf = (c: Case, part: string): number =>
  Math.max(0, ...[...partOf(c, part).values()].map(({ data }) => largest(data)));

/**
 * The bound on a function of one tensor, element by element, by its derivative: `roundings` of y and of x to float32, or
 * what they are in float64.
 */
export function pointwiseBound(
  x: Numbers,
  y: Numbers,
  slope: Numbers,
  roundings: number,
  backend: Backend,
): Bound {
  const relative = backend === "cpu" ? 1e-12 : roundings * ROUNDING;
  return (i) => relative * (Math.abs(y[i]) + Math.abs(x[i] * slope[i])) + SMALLEST;
}
