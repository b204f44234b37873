import type { Complex } from "../base/complex.ts";
import { hostArray, isFloat, type Dtype, type HostArray } from "../base/dtype.ts";
import { DtypeError } from "../base/errors.ts";
import { broadcastShapes, sizeOf, type Shape } from "../base/shape.ts";
import { apply, type TensorLike } from "../graph/build.ts";
import type { Attrs, ComplexArray, ComplexFunctions, MapOp, Spec } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { operandsOf } from "./operands.ts";

/** Which dtypes an elementwise op takes, and what it makes of them. */
type Signature =
  /** float32 to float32. */
  | "float"
  /** float32, int32 or uint32, kept. */
  | "number"
  /** Any dtype, to bool. */
  | "compare"
  /** Numbers only, to bool. */
  | "order"
  /** bool to bool. */
  | "logical";

/** One argument, or up to four. */
type Numbers =
  [number] | [number, number] | [number, number, number] | [number, number, number, number];

/** An elementwise op, as the tables in this folder write it. */
export interface Elementwise<N extends Numbers, A extends Attrs> {
  name: string;
  takes: Signature;
  /** The function on numbers: the reference. Attributes come last. */
  real(...args: [...x: N, attrs: A]): number;
  /** The function on int32 and uint32, where `real` would lose digits. */
  integer?(...args: [...x: N, attrs: A]): number;
  /** The function on complex numbers, made of C's, where it is analytic; piecewise ones branch on the real part. */
  complex?(
    C: ComplexFunctions,
  ): (...args: [...z: { [K in keyof N]: Complex }, attrs: A]) => Complex;
  /** The function as a WGSL expression; `dtype` is that of the arguments. */
  wgsl(args: readonly string[], attrs: A, dtype: Dtype): string;
  dear?: boolean;
  /** ∂y/∂xᵢ for each argument; absent where no derivative exists. */
  partials?(inputs: readonly Tensor[], y: Tensor, attrs: A): (Tensor | number | null)[];
}

/** The record of an elementwise op; both modes of differentiation follow from its partial derivatives. */
export function elementwise<N extends Numbers, A extends Attrs>(rule: Elementwise<N, A>): MapOp<A> {
  const { name, dear, partials } = rule;
  return {
    kind: "map",
    name,
    dear,
    infer: (inputs) => ({
      shape: inputs.map((x) => x.shape).reduce((a, b) => broadcastShapes(name, a, b)),
      dtype: outputDtype(name, rule.takes, inputs[0].dtype),
    }),
    derivative: partials ? { kind: "partials", partials } : { kind: "none" },
    cpu: (inputs, specs, attrs, out) => {
      const f = isFloat(specs[0].dtype) ? rule.real : (rule.integer ?? rule.real);
      return mapReal(f as Real, inputs, specs, attrs, out);
    },
    complex:
      rule.complex &&
      ((inputs, specs, attrs, out, C) =>
        mapComplex(rule.complex!(C) as Analytic, inputs, specs, attrs, out)),
    wgsl: (args, attrs, inputs) => rule.wgsl(args, attrs, inputs[0].dtype),
  };
}

type Real = (...args: (number | Attrs)[]) => number;
type Analytic = (...args: (Complex | Attrs)[]) => Complex;

function outputDtype(name: string, takes: Signature, dtype: Dtype): Dtype {
  const bool = dtype === "bool";
  const expects = (what: string, hint = 'x.cast("float32")'): never => {
    throw new DtypeError(`${name}: takes ${what}, got ${dtype}; cast it, as in ${hint}`);
  };
  if (takes === "float" && !isFloat(dtype)) expects("float32");
  if ((takes === "number" || takes === "order") && bool) expects("numbers");
  if (takes === "logical" && !bool) expects("bool", 'x.cast("bool") or x.notEqual(0)');
  return takes === "float" || takes === "number" ? dtype : "bool";
}

/** Where the elements of a broadcast operand lie: null where the shapes agree. */
export function broadcastIndices(from: Shape, to: Shape): Uint32Array | null {
  if (sizeOf(from) === sizeOf(to) && from.length === to.length) return null;
  const indices = new Uint32Array(sizeOf(to));
  const strides = to.map((_, axis) => {
    const own = axis - to.length + from.length;
    return own < 0 || from[own] === 1 ? 0 : sizeOf(from.slice(own + 1));
  });
  const coords = to.map(() => 0);
  for (let i = 0, at = 0; i < indices.length; i++) {
    indices[i] = at;
    for (let axis = to.length - 1; axis >= 0; axis--) {
      at += strides[axis];
      if (++coords[axis] < to[axis]) break;
      at -= strides[axis] * to[axis];
      coords[axis] = 0;
    }
  }
  return indices;
}

function mapReal(
  f: Real,
  inputs: readonly HostArray[],
  specs: readonly Spec[],
  attrs: Attrs,
  out: Spec,
): HostArray {
  const y = hostArray(out.dtype, sizeOf(out.shape));
  const [a, b, c, d] = inputs.map((x, k) => spread(x, specs[k].shape, out.shape));
  if (inputs.length === 1) for (let i = 0; i < y.length; i++) y[i] = f(a[i], attrs);
  else if (inputs.length === 2) for (let i = 0; i < y.length; i++) y[i] = f(a[i], b[i], attrs);
  else if (inputs.length === 3)
    for (let i = 0; i < y.length; i++) y[i] = f(a[i], b[i], c[i], attrs);
  else for (let i = 0; i < y.length; i++) y[i] = f(a[i], b[i], c[i], d[i], attrs);
  return y;
}

/** An operand with one element for each of the result. */
export function spread(x: HostArray, from: Shape, to: Shape): HostArray {
  const indices = broadcastIndices(from, to);
  if (!indices) return x;
  const y = new (x.constructor as new (n: number) => HostArray)(indices.length);
  for (let i = 0; i < y.length; i++) y[i] = x[indices[i]];
  return y;
}

function mapComplex(
  f: Analytic,
  inputs: readonly ComplexArray[],
  specs: readonly Spec[],
  attrs: Attrs,
  out: Spec,
): ComplexArray {
  const size = sizeOf(out.shape);
  const args = inputs.map(({ re, im }, k) => ({
    re: spread(re, specs[k].shape, out.shape),
    im: im && spread(im, specs[k].shape, out.shape),
  }));
  const re = hostArray(out.dtype, size);
  const im = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const z = args.map((x) => ({ re: x.re[i], im: x.im ? x.im[i] : 0 }));
    const y = f(...z, attrs);
    re[i] = y.re;
    im[i] = y.im;
  }
  return { re, im };
}

/** A user's function of one tensor, with its record. */
export function unary(rule: Elementwise<[number], Attrs>) {
  const op = elementwise(rule);
  return Object.assign((x: TensorLike): Tensor => apply(op, operandsOf(op.name, [x]), {}), { op });
}

/** A user's function of two tensors that broadcast, with its record. */
export function binary(rule: Elementwise<[number, number], Attrs>) {
  const op = elementwise(rule);
  return Object.assign(
    (a: TensorLike, b: TensorLike): Tensor => apply(op, operandsOf(op.name, [a, b]), {}),
    { op },
  );
}
