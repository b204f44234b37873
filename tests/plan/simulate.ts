import { hostArray, type HostArray } from "../../src/base/dtype.ts";
import { referenceOf } from "../../src/backends/cpu/reference-rules.ts";
import * as I from "../../src/base/index-expr.ts";
import type { ContractAttrs, Fold, Scan } from "../../src/graph/op.ts";
import type { Program } from "../../src/graph/program.ts";
import * as reference from "../../src/graph/reference.ts";
import { constant, type Scalar } from "../../src/graph/scalar.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import type { Variable } from "../../src/graph/variable.ts";
import type { Call } from "../../src/graph/offered-kernel.ts";
import { isCall, type Nest, type Product } from "../../src/plan/nest.ts";
import type { KernelPlan } from "../../src/plan/plan.ts";
import { elementOf } from "../../src/plan/expression.ts";
import {
  BATCH,
  COLUMN,
  PRODUCT_COLUMN,
  PRODUCT_ROW,
  ROW,
  TERM,
} from "../../src/plan/loop-variables.ts";
import type { Operand } from "../../src/plan/materialize.ts";
import { applyFunction, evaluateScalar } from "./evaluate-scalar.ts";

// Carries a plan out as it stands, number by number: every value in its place in memory, the threads of a dispatch in
// random order. What the passes got wrong - a value overwritten too early, a kernel too early, a wrong index - shows in
// the results.

/** What a run has to do with outside of the arena. */
export interface World {
  /** Values of the variables, which the run changes. */
  variables: ReadonlyMap<Variable, HostArray>;
  /** The value of a source that is neither a variable nor an argument. */
  source(x: Tensor): HostArray;
  /** The order in which threads run. */
  random(): number;
}

/** A place for each element of a tensor. */
interface Memory {
  read(i: number): number;
  write(i: number, value: number): void;
}

/** An arena that was never written; arguments lie behind it. */
export const arenaOf = ({ memory }: KernelPlan) =>
  new Float64Array((memory.size + memory.argumentSize) / 4).fill(NaN);

/** Puts arguments where a plan expects them. */
export function pass(
  plan: KernelPlan,
  program: Program,
  arena: Float64Array,
  args: readonly HostArray[],
): void {
  program.inputs.forEach((x, i) => {
    const place = plan.memory.places.get(x);
    if (place?.kind === "argument") arena.set(args[i], (plan.memory.size + place.offset) / 4);
  });
}

/** Runs all steps; returns the outputs and carries out the assignments. */
export function runPlan(plan: KernelPlan, arena: Float64Array, world: World): Float64Array[] {
  const memoryOf = (x: Tensor) => locate(x, plan, arena, world);
  for (const loops of plan.steps) {
    const threads = loops.flatMap((loop) => {
      if (isCall(loop)) return [() => runCall(loop, memoryOf)];
      const memories = new Map<Tensor, Memory>();
      const memory = (x: Tensor) => {
        const known = memories.get(x) ?? memoryOf(x);
        memories.set(x, known);
        return known;
      };
      const rows = Array.from({ length: loop.rows }, (_, r) => r);
      return rows.map((r) => () => runRow(loop, r, memory));
    });
    shuffle(threads, world.random).forEach((thread) => thread());
  }
  const valueOf = (x: Tensor) => {
    const memory = memoryOf(x);
    return Float64Array.from({ length: x.size }, (_, i) => memory.read(i));
  };
  const outputs = plan.outputs.map(valueOf);
  const copies = plan.copies.map(({ variable, value }) => [variable, valueOf(value)] as const);
  for (const [variable, value] of copies) world.variables.get(variable)!.set(value);
  return outputs;
}

/** An op with a kernel of its own, by its reference. */
function runCall({ application, operands, scratch }: Call, memoryOf: (x: Tensor) => Memory): void {
  const { op, inputs, attrs, results } = application;
  const values = operands.map((x) => {
    const memory = memoryOf(x);
    return hostArray(x.dtype, x.size).map((_, i) => memory.read(i));
  });
  const found = referenceOf(op).cpu!(values, inputs, attrs, results, reference);
  const write = (x: Tensor, valueAt: (i: number) => number) => {
    const memory = memoryOf(x);
    for (let i = 0; i < x.size; i++) memory.write(i, valueAt(i));
  };
  for (const x of scratch) write(x, () => NaN);
  results.forEach((x, r) => write(x, (i) => found[r][i]));
}

function shuffle<T>(list: T[], random: () => number): T[] {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [list[i], list[j]] = [list[j], list[i]];
  }
  return list;
}

function locate(x: Tensor, plan: KernelPlan, arena: Float64Array, world: World): Memory {
  const buffer = plan.packed.get(x);
  const place = plan.memory.places.get(x);
  if (buffer && place?.kind === "variable") {
    const members = buffer.members.map((m) => locate(m, plan, arena, world));
    const memberAt = (i: number) => buffer.offsets.findLastIndex((start) => start <= i);
    const isPadding = (i: number, m: number) => i - buffer.offsets[m] >= buffer.members[m].size;
    return {
      read(i) {
        const m = memberAt(i);
        return isPadding(i, m) ? 0 : members[m].read(i - buffer.offsets[m]);
      },
      write(i, value) {
        const m = memberAt(i);
        if (!isPadding(i, m)) members[m].write(i - buffer.offsets[m], value);
      },
    };
  }
  switch (place?.kind) {
    case "arena":
      return inArray(arena, place.offset / 4, x);
    case "argument":
      return inArray(arena, (plan.memory.size + place.offset) / 4, x);
    case "variable":
      return inArray(world.variables.get(place.variable)!, 0, x);
    case "source":
      return inArray(world.source(place.tensor), 0, x);
    default:
      throw new Error(`${String(x)} has no place`);
  }
}

function inArray(data: HostArray, start: number, x: Tensor): Memory {
  const check = (i: number) => {
    if (!(i >= 0 && i < x.size)) throw new Error(`element ${i} of ${String(x)}`);
    return start + i;
  };
  return { read: (i) => data[check(i)], write: (i, value) => (data[check(i)] = value) };
}

type Point = ReadonlyMap<I.LoopVariable, number>;

/** One row of a loop: folds and scans first, each when those that it is made of are over, then what is written. */
function runRow(loop: Nest, r: number, memory: (x: Tensor) => Memory): void {
  const locals: Locals = new Map();
  const at = pointOf(loop, r);
  const evaluate = (x: Scalar, point: Point) => new Evaluation(locals, memory, point).value(x);
  const { product } = loop;
  if (product) {
    const element = productAt(product, at, memory);
    locals.set(product.tensor, () => element);
  }
  const columns = Array.from({ length: loop.cols }, (_, c) => new Map([...at, [COLUMN, c]]));
  const written: [Tensor, number, number][] = [];
  // Values stand behind those that they are made of.
  for (const { tensor, role, parts } of loop.values) {
    if (role.kind === "element") continue;
    const elements = columns.map((p) => parts.map((part) => evaluate(part, p)));
    if (role.kind === "fold") {
      const whole = fold(role.fold, parts, elements);
      locals.set(tensor, () => whole);
    } else {
      const values = scan(role.scan, parts, elements);
      locals.set(tensor, (point) => values[point.get(COLUMN)!]);
    }
  }
  for (const v of loop.values) {
    if (!v.place) continue;
    const points = v.level === "column" ? columns : [at];
    for (const point of points) {
      const value = locals.get(v.tensor)?.(point) ?? evaluate(v.parts[0], point);
      const i = new Evaluation(locals, memory, point).index(v.place);
      written.push([v.tensor, i, value]);
    }
  }
  for (const [x, i, value] of written) memory(x).write(i, value);
}

/** What a row computes before it writes, at each of its points. */
type Locals = Map<Tensor, (point: Point) => number>;

function pointOf(loop: Nest, r: number): Map<I.LoopVariable, number> {
  if (!loop.product) return new Map([[ROW, r]]);
  const [m, n] = loop.product.tensor.shape.slice(-2);
  return new Map([
    [BATCH, Math.floor(r / (m * n))],
    [PRODUCT_ROW, Math.floor(r / n) % m],
    [PRODUCT_COLUMN, r % n],
  ]);
}

/** The fold of a row in the order of its elements' states; devices take others. */
function fold(
  { identity, combine, finish }: Fold,
  parts: readonly Scalar[],
  row: readonly (readonly number[])[],
): number {
  let state = identity;
  for (const lifted of row) {
    const next = combine(
      state,
      parts.map(({ dtype }, i) => constant(lifted[i], dtype)),
    );
    state = next.map((x) => constant(evaluateScalar(x), x.dtype));
  }
  return evaluateScalar(finish(state));
}

/** The values of a scan at the elements of a row. */
function scan(
  { identity, next }: Scan,
  parts: readonly Scalar[],
  row: readonly (readonly number[])[],
): number[] {
  let now = identity;
  return row.map((elements) => {
    const value = next(
      now,
      parts.map(({ dtype }, i) => constant(elements[i], dtype)),
    );
    now = constant(evaluateScalar(value), value.dtype);
    return now.value;
  });
}

/** An element of a product: Σ over k of A's row times B's column. */
function productAt({ tensor, a, b }: Product, at: Point, memory: (x: Tensor) => Memory): number {
  const { transposeA } = tensor.attrs as ContractAttrs;
  const [m, n] = tensor.shape.slice(-2);
  const k = tensor.inputs[0].shape.at(transposeA ? -2 : -1)!;
  const [row, col] = [at.get(PRODUCT_ROW)!, at.get(PRODUCT_COLUMN)!];
  let sum = 0;
  for (let l = 0; l < k; l++) {
    const point = new Map([...at, [TERM, l]]);
    const x = operandAt(a, row, l, m, k, point, memory(a.tensor));
    sum += x * operandAt(b, l, col, k, n, point, memory(b.tensor));
  }
  return sum;
}

/** Element (r, c) of an operand of `rows` × `cols`. */
function operandAt(
  { index, bounds, matrices }: Operand,
  r: number,
  c: number,
  rows: number,
  cols: number,
  at: Point,
  memory: Memory,
): number {
  const valueOf = (x: I.Index) => I.evaluate(x, at, () => NaN);
  if (matrices) {
    const { transposed, matrix } = matrices;
    return memory.read(valueOf(matrix) * rows * cols + (transposed ? c * rows + r : r * cols + c));
  }
  const inside = bounds.every(({ value, min, max }) => {
    const v = valueOf(value);
    return v >= min && v < max;
  });
  return inside ? memory.read(valueOf(index)) : 0;
}

/** Element expressions at one point of a loop. */
class Evaluation {
  readonly #locals: Locals;
  readonly #memory: (x: Tensor) => Memory;
  readonly #point: Point;
  readonly #known = new Map<Scalar, number>();

  constructor(locals: Locals, memory: (x: Tensor) => Memory, point: Point) {
    this.#locals = locals;
    this.#memory = memory;
    this.#point = point;
  }

  index(x: I.Index): number {
    return I.evaluate(x, this.#point, (source, _, size) => {
      const value = this.value(elementOf(source));
      return Math.min(Math.max(value, 0), size - 1);
    });
  }

  value(x: Scalar): number {
    const known = this.#known.get(x);
    if (known !== undefined) return known;
    const value = this.#compute(x);
    this.#known.set(x, value);
    return value;
  }

  #compute(x: Scalar): number {
    switch (x.kind) {
      case "constant":
        return x.value;
      case "index":
        return this.index(x.index);
      case "load": {
        const local = this.#locals.get(x.tensor)?.(this.#point);
        return local ?? this.#memory(x.tensor).read(this.index(x.index));
      }
      case "apply":
        return applyFunction(
          x,
          x.args.map((arg) => this.value(arg)),
        );
      case "local":
        throw new Error(`nothing has the name ${x.name}`);
      case "pieces": {
        const piece = x.pieces.find(({ bounds }) =>
          bounds.every(({ value, min, max }) => {
            const v = this.index(value);
            return v >= min && v < max;
          }),
        );
        return this.value(piece?.value ?? x.otherwise);
      }
    }
  }
}
