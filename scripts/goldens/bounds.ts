import type { Case, Stored } from "./format.ts";
import {
  boundOf,
  inner,
  largest,
  pointwiseBound,
  ROUNDING,
  SMALLEST,
  type Backend,
  type Bound,
} from "./tolerance.ts";

/** The bound on a part of a case: "out64.y". */
export type BoundFor = (part: string, truth: Stored) => Bound;

const SMALLEST_NORMAL = 2 ** -126;

/** On outputs, gradients and gradients of gradients. */
export function opBounds(c: Case, backend: Backend): BoundFor {
  return (part, { dtype, data }) => (dtype === "float" ? boundOf(c, part, data, backend) : () => 0);
}

/** On bits, which are all right, but for those of subnormal numbers on a GPU. */
export function bitsBounds({ tensors }: Case, backend: Backend): BoundFor {
  const x = tensors.get("in.x")!.data;
  const isFlushed = (i: number) =>
    backend === "webgpu" && x[i] !== 0 && Math.abs(x[i]) < SMALLEST_NORMAL;
  return (part) => (i) => (part.endsWith("bits") && isFlushed(i) ? NaN : 0);
}

/** On a function of one tensor and its derivatives. */
export function derivativeBounds(c: Case, backend: Backend): BoundFor {
  const data = (name: string) => c.tensors.get(name)!.data;
  return (part, truth) => {
    const x = data("in.x");
    switch (part) {
      case "out64.y":
        return pointwiseBound(x, truth.data, data("out64.d1"), 4, backend);
      case "out64.d1":
        // A formula of several functions, each as exact as y.
        return pointwiseBound(x, truth.data, data("out64.d2"), 16, backend);
      default:
        return boundOf(c, part, truth.data, backend);
    }
  };
}

/**
 * On a scalar function of x and its derivatives. In float32 relative to the terms that they are sums of, to first order
 * in x, as for functions of one tensor.
 */
export function hessianBounds(c: Case, backend: Backend): BoundFor {
  if (backend === "cpu") return opBounds(c, backend);
  const data = (name: string) => c.tensors.get(name)!.data;
  const names = (c.attrs["param_order"] ?? ["x"]) as string[];
  const x = names.flatMap((name) => Array.from(data(`in.${name}`)));
  const v = data(c.attrs["param_order"] ? "v.params" : "v.x");
  const [g, h] = [data("out64.grad"), data("out64.hess")];
  const rows = x.map((_, i) => h.subarray(i * x.length, (i + 1) * x.length));
  const terms: Record<string, number> = {
    "out64.y": inner(g, x),
    "out64.loss": inner(g, x),
    "out64.grad": Math.max(...rows.map((row) => inner(row, x))),
    "out64.jvp": inner(g, v),
    "out64.hvp": Math.max(...rows.map((row) => inner(row, v))),
  };
  return (part, { data: truth }) => {
    const scale = largest(truth) + (terms[part] ?? 0);
    return () => 32 * ROUNDING * scale + SMALLEST;
  };
}

/** Noise of weights whose exact gradient is 0: Adam's steps are those of rounding there, and no two replays agree. */
const INCOMPARABLE = 1e-4;

/** At kinks: PyTorch's own constants are rounded to float32 there. */
export const kinkBounds: BoundFor = (_, { data }) => {
  const tolerance = 2 ** -23 * largest(data);
  return () => tolerance;
};

const STEPS = ["ceil", "floor", "round", "sign", "step", "trunc"];

/**
 * At infinities, NaN, subnormals and the largest floats, against PyTorch in float32; none where PyTorch is no model.
 */
export function specialBounds({ op, tensors }: Case, backend: Backend): BoundFor {
  const x = tensors.get("in.x")!.data;
  return (_, { data: y }) =>
    (i) => {
      const size = Math.abs(x[i]);
      // f(x) + 0·x was computed at infinity; softshrink made 0 of NaN.
      if (STEPS.includes(op) && size === Infinity) return NaN;
      if (op.startsWith("softshrink") && Number.isNaN(x[i])) return NaN;
      // Terms that overflow in PyTorch's formula, not in the function.
      if (Number.isFinite(x[i]) && size > 1e38 && !Number.isFinite(y[i])) return NaN;
      if (backend === "webgpu") {
        // Subnormals may be taken for 0, and 2x overflows here.
        if (size > 0 && size < SMALLEST_NORMAL) return NaN;
        if (op === "softplus_b2" && size > 1e38) return NaN;
        // WGSL gives no bound for angles that large.
        if (/^(sin|cos|tan|siren)/.test(op) && size > 1e6) return NaN;
      }
      return 2e-5 * Math.abs(y[i]) + SMALLEST_NORMAL;
    };
}

/**
 * Along a trajectory, by how much float32 strayed in PyTorch's own replays; float64 strays 2²⁹ times less, and is given
 * some room. Of gradients no noise is stored: they stray with the weights (the Hessian, taken to be of order 1, times
 * that), which near a minimum is much more than the loss does.
 */
export function trajectoryBounds(c: Case, backend: Backend): BoundFor {
  const [factor, rounding] = backend === "cpu" ? [2 ** -22, 1e-12] : [10, 2e-6];
  const losses = c.tensors.get("noise.loss")!.data;
  const finals = c.err32["final_noise"] as unknown as Record<string, number>;
  const weights = Math.max(0, ...Object.values(finals).filter((v) => v <= INCOMPARABLE));
  const last = losses[losses.length - 1];
  const growth = (i: number) => (last > 0 ? losses[i] / last : 1);
  return (part, { data: truth }) => {
    const name = part.replace(/^(out64\.final|snap64\.\d+)\./, "");
    const noise = finals[name];
    if (noise === undefined) {
      const strayed = (i: number) =>
        losses[i] + (part.endsWith("grad_norm") ? weights * growth(i) : 0);
      return (i) => factor * strayed(i) + rounding * (1 + Math.abs(truth[i]));
    }
    if (noise > INCOMPARABLE) return () => NaN;
    const tolerance = factor * noise + rounding * (1 + largest(truth));
    return () => tolerance;
  };
}
