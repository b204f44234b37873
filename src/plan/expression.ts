import * as I from "../base/index-expr.ts";
import { getOrMake } from "../base/maps.ts";
import { sameShape, type Shape } from "../base/shape.ts";
import { textKey } from "../graph/canonical.ts";
import type { MovementOp, ReduceAttrs } from "../graph/op.ts";
import { constant, indicesOf, partsOf, type Scalar } from "../graph/scalar.ts";
import type { Tensor } from "../graph/tensor.ts";

/** The number that a tensor is, if it is a single one that is known. */
export const numberOf = ({ source, size }: Tensor): number | null =>
  source?.kind === "constant" && size === 1 ? source.data[0] : null;

/** What an index reads: an element of an integer tensor, as it is computed. */
interface IndexElement extends I.IndexSource {
  readonly element: Scalar;
}

/** How what an index reads is computed. */
export const elementOf = (source: I.IndexSource): Scalar => (source as IndexElement).element;

/** An element that an expression reads from memory; `inIndex`: an index depends on it. */
export interface LoadedElement {
  readonly tensor: Tensor;
  readonly index: I.Index;
  readonly inIndex: boolean;
}

/** What an expression is computed from, each element once, and once more if indices depend on it. */
export function loadsIn(root: Scalar): LoadedElement[] {
  const found: LoadedElement[] = [];
  const visit = (x: Scalar, inIndex: boolean, seen: Set<Scalar>) => {
    if (x.kind === "constant" || seen.has(x)) return;
    seen.add(x);
    if (x.kind === "apply") {
      for (const arg of x.args) visit(arg, inIndex, seen);
      return;
    }
    if (x.kind === "load") found.push({ tensor: x.tensor, index: x.index, inIndex });
    for (const index of indicesOf(x))
      I.forEachLoad(index, (source) => visit(elementOf(source), true, (inIndices ??= new Set())));
    for (const part of partsOf(x)) visit(part, inIndex, seen);
  };
  let inIndices: Set<Scalar> | null = null;
  visit(root, false, new Set());
  return found;
}

const noneYet = () => new Map();

/** Element expressions of tensors, each made once for a tensor and an index. */
export class Expander {
  readonly #isStored: (x: Tensor) => boolean;
  /** By the key of the index. */
  readonly #known = new Map<string, Map<Tensor, Scalar>>();
  #loads: Map<Scalar, readonly LoadedElement[]> | null = null;
  /** The elementwise ops of the expressions that were made, in their order. */
  readonly ops = new Set<string>();

  /** Expressions end at tensors for which `isStored` holds; those are loaded. */
  constructor(isStored: (x: Tensor) => boolean) {
    this.#isStored = isStored;
  }

  /** The element at a row-major index: a load where it is stored, else how it is computed. */
  element(x: Tensor, index: I.Index): Scalar {
    return this.#isStored(x) ? loadOf(x, index) : this.definition(x, index);
  }

  /** How the element at a row-major index is computed. */
  definition(x: Tensor, index: I.Index): Scalar {
    const known = getOrMake(this.#known, index.key, noneYet);
    // A function for each call would take as much memory as what it makes.
    let made = known.get(x);
    if (!made) known.set(x, (made = this.#define(x, index)));
    return made;
  }

  /** What an expression is computed from. */
  loadsOf(x: Scalar): readonly LoadedElement[] {
    this.#loads ??= new Map();
    let loads = this.#loads.get(x);
    if (!loads) this.#loads.set(x, (loads = loadsIn(x)));
    return loads;
  }

  #define(x: Tensor, index: I.Index): Scalar {
    const { op, dtype, attrs } = x;
    const value = numberOf(x);
    if (value !== null) return constant(value, dtype);
    switch (op?.kind) {
      case "map": {
        const args = x.inputs.map((y) => this.element(y, broadcastIndex(index, x.shape, y.shape)));
        this.ops.add(op.name);
        const y = op.scalar(args, attrs);
        return y.kind === "apply" && y.f === "-" && isLess(x) ? { ...y, isNegative: true } : y;
      }
      case "iota": {
        const at = op.value(I.unflatten(index, x.shape), attrs);
        return at.terms.length === 0
          ? constant(at.offset, dtype)
          : { kind: "index", index: at, dtype };
      }
      case "movement":
        return this.#moved(x, index);
      default:
        return loadOf(x, index);
    }
  }

  #moved(x: Tensor, index: I.Index): Scalar {
    const { op, inputs, attrs, dtype } = x;
    if (op?.kind !== "movement") throw new Error("scalar: not a movement");
    const pieces = this.#originsOf(x, op, index).map(({ input, bounds, at }) => ({
      bounds,
      value: this.element(inputs[input], at),
    }));
    const sure = pieces.findIndex((piece) => piece.bounds.length === 0);
    if (sure === 0) return pieces[0].value;
    const fill = constant(op.fill?.(attrs) ?? 0, dtype);
    if (pieces.length === 0) return fill;
    return {
      kind: "pieces",
      pieces: sure < 0 ? pieces : pieces.slice(0, sure),
      otherwise: sure < 0 ? fill : pieces[sure].value,
      dtype,
    };
  }

  /** Where the elements of a movement come from: found once for its form, but where it reads indices. */
  #originsOf({ inputs, attrs, shape }: Tensor, op: MovementOp, index: I.Index): readonly Origin[] {
    const known = ledTo(index);
    const key = `${op.name}${textKey(attrs)}${shape}${inputs.map((x) => `;${x.shape}`)}`;
    const found = known.get(key);
    if (found) return found as readonly Origin[];
    let readsIndices = false;
    const element = (input: number, coords: readonly I.Index[], size: number) => {
      readsIndices = true;
      const { id, shape } = inputs[input];
      const at = I.flatten(coords, shape);
      const source: IndexElement = { id, element: this.element(inputs[input], at) };
      return I.load(source, at, size);
    };
    // A piece that is never there may be one of a tensor without elements, which nothing writes.
    const made = op
      .source(I.unflatten(index, shape), inputs, attrs, element)
      .filter(({ bounds }) => !bounds.some(I.neverHolds))
      .map(({ input, coords, bounds }) => ({
        input,
        bounds: bounds.filter((bound) => !I.alwaysHolds(bound)),
        at: I.flatten(coords, inputs[input].shape),
      }));
    if (!readsIndices) known.set(key, made);
    return made;
  }
}

/** An input's element, while all bounds hold. */
interface Origin {
  readonly input: number;
  readonly bounds: readonly I.Bound[];
  readonly at: I.Index;
}

type LedTo = Map<string, readonly Origin[] | I.Index>;

/**
 * What movements and broadcasts of one form make of an index: in deep nets most are equal, and equal loops have one
 * index. The index of a single row is 0, which outlives all plans: nothing is kept for it.
 */
const known = new WeakMap<I.Index, LedTo>();

const ledTo = (index: I.Index): LedTo =>
  index.terms.length > 0 ? getOrMake(known, index, noneYet) : new Map();

const loadOf = (tensor: Tensor, index: I.Index): Scalar => ({
  kind: "load",
  tensor,
  index,
  dtype: tensor.dtype,
});

/** Whether a difference takes the greatest element of each row from the row: none of it is above 0. */
function isLess({ inputs: [a, b] }: Tensor): boolean {
  return (
    b?.op?.kind === "reduce" &&
    !!b.op.isGreatest &&
    b.inputs[0] === a &&
    (b.attrs as ReduceAttrs).keepDims
  );
}

/** Where the element of a broadcast operand lies. */
function broadcastIndex(index: I.Index, to: Shape, from: Shape): I.Index {
  if (sameShape(from, to)) return index;
  return getOrMake(ledTo(index), `${to};${from}`, () => {
    const coords = I.unflatten(index, to).slice(to.length - from.length);
    return I.flatten(
      coords.map((c, axis) => (from[axis] === 1 ? I.zero : c)),
      from,
    );
  }) as I.Index;
}
