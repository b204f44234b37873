import type * as complexFunctions from "../base/complex.ts";
import type { Dtype, HostArray } from "../base/dtype.ts";
import type { Bound, Index } from "../base/index-expr.ts";
import type { Shape } from "../base/shape.ts";
import type { Body } from "./body.ts";
import type { OpKernel, Target } from "./offered-kernel.ts";
import type * as reference from "./reference.ts";
import type { ComplexRule } from "./reference.ts";
import type { Constant, Scalar } from "./scalar.ts";
import type { Tensor } from "./tensor.ts";

/** What is known of a value before it is computed. */
export interface Spec {
  readonly shape: Shape;
  readonly dtype: Dtype;
}

/** Static parameters of an op: numbers, strings, lists and plain objects, so that equal ones print alike. */
export type Attrs = object;

/** Values as the complex128 reference holds them; `im` is null where nothing imaginary came in. */
export interface ComplexArray {
  re: HostArray;
  im: Float64Array | null;
}

/** Functions of complex numbers. The reference brings them to the rules: no other program loads them. */
export type ComplexFunctions = typeof complexFunctions;

/** Loops over elements, and functions that Math lacks; from the reference too. */
export type Reference = typeof reference;

/** How many results an op has: one, which its rules take and give as it is, or several, which are lists to them. */
export type Arity = "one" | "several";

type Each<N extends Arity, T> = N extends "several" ? readonly T[] : T;

/** Cotangents: of several results some may be null, for zeros that need no tensor. */
type Cotangents<N extends Arity> = N extends "several" ? readonly (Tensor | null)[] : Tensor;

/** How an op is differentiated, stated once; forward and reverse mode both follow from it. */
export type Derivative<A, N extends Arity = "one"> =
  /**
   * Elementwise: ∂y/∂xᵢ for each input, from the inputs and y. A number stands for a constant; a bool for 1 and 0, by
   * selection, so that nothing infinite passes a piece that is constant; null for an input through which no derivative
   * passes (a condition, an index).
   */
  | {
      kind: "partials";
      partials(inputs: readonly Tensor[], y: Each<N, Tensor>, attrs: A): (Tensor | number | null)[];
    }
  /**
   * Linear in all its floats together: dy = op(dx₁, …, dxₙ), where inputs of other dtypes (a condition, an index) stay
   * as they are. `transpose` is the adjoint map applied to g: a cotangent for each float, null for the others.
   */
  | {
      kind: "linear";
      transpose(g: Cotangents<N>, inputs: readonly Tensor[], attrs: A): (Tensor | null)[];
      /** Where a constant is added to the linear map: the attributes of the map alone. */
      linearPart?(attrs: A): A;
    }
  /** Linear in each input alone: dy = Σᵢ op(x₁, …, dxᵢ, …, xₙ). `transpose` gives the adjoint of each of these maps. */
  | {
      kind: "multilinear";
      transpose(g: Cotangents<N>, inputs: readonly Tensor[], attrs: A): Tensor[];
    }
  /** That of the ops it is built of. */
  | {
      kind: "composite";
      /** `gs` in reverse mode alone: the cotangents of the results. */
      decompose(
        inputs: readonly Tensor[],
        attrs: A,
        bodies: readonly Body[],
        gs?: readonly (Tensor | null)[],
      ): Each<N, Tensor>;
    }
  /**
   * dy as a graph linear in the tangents dxᵢ (null: none); reverse mode transposes that graph. Of several results, those
   * that are no floats have null.
   */
  | {
      kind: "differential";
      differential(
        tangents: readonly (Tensor | null)[],
        inputs: readonly Tensor[],
        y: Each<N, Tensor>,
        attrs: A,
      ): N extends "several" ? readonly (Tensor | null)[] : Tensor;
    }
  /**
   * The cotangents of the inputs as a graph linear in g (null: zeros), whatever the op computes; forward mode transposes
   * that graph.
   */
  | {
      kind: "pullback";
      pull(
        g: Cotangents<N>,
        inputs: readonly Tensor[],
        attrs: A,
        bodies: readonly Body[],
      ): readonly (Tensor | null)[];
    }
  /** No derivative exists: comparisons, logical ops, argMin and argMax, any and all, casts to integers, random draws. */
  | { kind: "none" };

/**
 * A body on a batch: inputs for which `mapped` holds have one more axis in front, and so has every output, on which
 * `finish` is then called.
 */
export type BatchBody = (
  body: Body,
  mapped: readonly boolean[],
  finish?: (outputs: readonly Tensor[]) => readonly Tensor[],
) => Body;

/** What every op states. */
export interface Rules<A extends Attrs = Attrs, N extends Arity = "one"> {
  readonly name: string;
  /** Shape and dtype of the result; throws an error that names the op and all that clashes. */
  infer(inputs: readonly Spec[], attrs: A): Each<N, Spec>;
  readonly derivative: Derivative<A, N>;
  /** The reference: float64 for floats, written from the formula. */
  cpu(
    inputs: readonly HostArray[],
    specs: readonly Spec[],
    attrs: A,
    out: Each<N, Spec>,
    R: Reference,
  ): Each<N, HostArray>;
  /** The same on complex numbers, where the op is analytic; otherwise the real part is taken. */
  complex?(
    inputs: readonly ComplexArray[],
    specs: readonly Spec[],
    attrs: A,
    out: Each<N, Spec>,
    R: Reference,
    C: ComplexFunctions,
  ): Each<N, ComplexArray>;
  /**
   * The op on a batch: inputs for which `mapped` holds have one more axis in front, and so has the result.
   * Absent where the kind or `axial` says it all: elementwise ops and products broadcast, reductions are axial, and
   * composites batch what they are made of, and their derivative.
   */
  batch?(
    inputs: readonly Tensor[],
    mapped: readonly boolean[],
    attrs: A,
    bodies: readonly Body[],
    batchBody: BatchBody,
  ): Each<N, Tensor>;
  /** On a batch of all inputs it is the same op with `axis` and `axes` among its attributes one further back. */
  readonly axial?: true;
}

/** One number from the numbers at the same place of each input; inputs broadcast. */
export interface MapOp<A extends Attrs = Attrs> extends Omit<Rules<A>, "cpu" | "complex"> {
  readonly kind: "map";
  /** The reference: the function on numbers. */
  real(...args: (number | Attrs)[]): number;
  /** The function on int32 and uint32, where `real` would lose digits. */
  integer?(...args: (number | Attrs)[]): number;
  /** The function on complex numbers, where it is analytic; piecewise ones branch on the real part. */
  complex?(C: ComplexFunctions): ComplexRule;
  /** The function as an expression of its arguments. */
  scalar(args: readonly Scalar[], attrs: A): Scalar;
  /** More expensive than a few multiplications: worth storing rather than computing twice. */
  readonly expensive?: boolean;
  /** A random draw, from (seed, draw, element, call): each example of a batch has a draw number of its own. */
  readonly random?: boolean;
}

/** The numbers 0, 1, 2, … along an axis: a value that is nothing but its own index. */
export interface IotaOp<A extends Attrs = Attrs> extends Rules<A> {
  readonly kind: "iota";
  /** The element at these coordinates. */
  value(coords: readonly Index[], attrs: A): Index;
}

/** Where an element of the result comes from: an input's element, while all bounds hold. */
export interface Piece {
  readonly input: number;
  readonly coords: readonly Index[];
  readonly bounds: readonly Bound[];
}

/** Moves elements and computes none. */
export interface MovementOp<A extends Attrs = Attrs> extends Rules<A> {
  readonly kind: "movement";
  /**
   * The source of the element at `coords`: the first piece whose bounds hold, else `fill`.
   * `element(i, coords, size)` is an element of an integer input used as an index below `size`.
   */
  source(
    coords: readonly Index[],
    inputs: readonly Spec[],
    attrs: A,
    element: (input: number, coords: readonly Index[], size: number) => Index,
  ): Piece[];
  fill?(attrs: A): number;
}

/** A fold in a fixed order: state = combine(state, lift(x)), and the result is finish(state). */
export interface Fold {
  /** The state of no elements, in parts. */
  readonly identity: readonly Constant[];
  /** The state of one element; `at` is its place along the reduced axes, row-major, uint32. */
  lift(value: Scalar, at: Scalar): readonly Scalar[];
  combine(a: readonly Scalar[], b: readonly Scalar[]): readonly Scalar[];
  finish(state: readonly Scalar[]): Scalar;
}

/** One number from all the numbers along some axes. */
export interface ReduceOp<A extends ReduceAttrs = ReduceAttrs> extends Rules<A> {
  readonly kind: "reduce";
  /** Whether no element is greater than the result. */
  readonly isGreatest?: boolean;
  fold(dtype: Dtype): Fold;
  /** The same by reductions of about `count` blocks of each row, and then of what these come to. */
  split(x: Tensor, attrs: A, count: number): Tensor;
}

export interface ReduceAttrs {
  /** From the front, ascending. */
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

/** A running value: y = next(that of the elements before, the element of each input). */
export interface Scan {
  readonly identity: Constant;
  next(before: Scalar, elements: readonly Scalar[]): Scalar;
}

/**
 * A number for each element of an axis, from those up to it. The inputs have the shape of the result. One thread goes
 * through a whole row: long ones are made of short ones.
 */
export interface ScanOp<A extends ScanAttrs = ScanAttrs> extends Rules<A> {
  readonly kind: "scan";
  scan(dtype: Dtype): Scan;
}

export interface ScanAttrs {
  /** Of more than one element. */
  readonly axis: number;
  /** From the end to the start. */
  readonly reverse: boolean;
}

/** Matrix products over the last two axes, batched and broadcast over those before. */
export interface ContractOp<A extends ContractAttrs = ContractAttrs> extends Rules<A> {
  readonly kind: "contract";
}

export interface ContractAttrs {
  /** The first operand is stored [K, M] instead of [M, K]. */
  readonly transposeA: boolean;
  /** The second operand is stored [N, K] instead of [K, N]. */
  readonly transposeB: boolean;
}

/** What ops state that are built of others; the reference of one whose parts are the user's is that of its parts. */
interface Built<A extends Attrs, N extends Arity>
  extends Omit<Rules<A, N>, "cpu" | "infer">, Partial<Pick<Rules<A, N>, "cpu">> {
  readonly kind: "composite";
  infer(inputs: readonly Spec[], attrs: A, bodies: readonly Body[]): Each<N, Spec>;
  decompose(inputs: readonly Tensor[], attrs: A, bodies: readonly Body[]): Each<N, Tensor>;
  /** The kernel that it has on a target for these shapes; null where it had better be taken apart. */
  kernel?(
    inputs: readonly Spec[],
    attrs: A,
    results: readonly Spec[],
    target: Target,
  ): OpKernel | null;
}

/** Built of other ops; backends that have nothing better run the decomposition. */
export interface CompositeOp<A extends Attrs = Attrs> extends Built<A, "one"> {
  readonly several?: undefined;
}

/** The same with several results. */
export interface SeveralOp<A extends Attrs = Attrs> extends Built<A, "several"> {
  readonly several: true;
}

/** An op with one result, as almost all are. */
export type SingleOp = MapOp | IotaOp | MovementOp | ReduceOp | ScanOp | ContractOp | CompositeOp;

/** All that the library knows about an operation: the unit of the code. */
export type Op = SingleOp | SeveralOp;
