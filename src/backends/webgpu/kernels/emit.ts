import { isFloat, rowOf } from "../../../base/dtype.ts";
import * as I from "../../../base/index-expr.ts";
import { getOrMake } from "../../../base/maps.ts";
import { literal } from "../../../base/wgsl-literal.ts";
import type { Tensor } from "../../../graph/tensor.ts";
import {
  indicesOf,
  partsOf,
  type Apply,
  type Constant,
  type Load,
  type Local,
  type Pieces,
  type Scalar,
} from "../../../graph/scalar.ts";
import { elementOf } from "../../../plan/expression.ts";
import type { Value } from "../../../plan/nest.ts";
import type { BindingTable } from "./bindings.ts";
import { printDivision } from "./division.ts";
import { inLane, LANES, openPieces, type Lanes } from "./lanes.ts";

/** Lines of a block, and the names of what has been computed in it. */
export class Scope {
  readonly lines: string[] = [];
  /** By text. */
  readonly names = new Map<string, string>();
  /** By expression and lane. */
  readonly values = new Map<Scalar, string[]>();
}

/** Longer text of an operand gets a line of its own, so that expressions nest no deeper than drivers take them. */
const LONGEST_OPERAND = 80;

/** Operators by how tightly they bind; those of bits and flags, the first, take no other operators beside them. */
const BINDING = ["&|^", "== != <= >=", "+-", "*/%"];
const PREFIX = 4;
const CALL = 5;

// What the value of an expression may change with: the lane, the loop before which others are computed, what is read.
const LANE = 1;
const LOOP = 2;
const DATA = 4;

/** How many instructions a function is, about; ∞ for longer ones. */
const instructionsOf = (f: string) =>
  /^(\W+|abs|max|min|select|sqrt)$/.test(f) ? 1 : f.endsWith("imumf") ? 4 : Infinity;

/** Turns element expressions into lines of WGSL, which may read `none`: 0, but compilers do not know that. */
export class Emitter {
  readonly bindings: BindingTable;
  lanes: Lanes | null;
  /** Values that earlier lines have computed, by tensor and lane. */
  readonly #locals = new Map<string, string>();
  /** How many expressions an expression is a part of. */
  readonly #uses = new Map<Scalar, number>();
  readonly #changes = new Map<Scalar, number>();
  /** Where what changes with none of a loop's variables is computed: before the loop. */
  hoisted: { variables: readonly I.LoopVariable[]; scope: Scope } | null = null;
  #count = 0;

  /** `values` are what will be emitted. */
  constructor(bindings: BindingTable, lanes: Lanes | null, values: readonly Value[]) {
    this.bindings = bindings;
    this.lanes = lanes;
    for (const { parts } of values) parts.forEach((part) => this.#use(part));
  }

  name(): string {
    return `v${this.#count++}`;
  }

  /** Makes a name stand for a tensor's value at its own place. */
  define(x: Tensor, lane: number, name: string): void {
    this.#locals.set(`${x.id}/${lane}`, name);
  }

  local(x: Tensor, lane: number): string | undefined {
    return this.#locals.get(`${x.id}/${lane}`);
  }

  #use(x: Scalar): void {
    const uses = this.#uses.get(x) ?? 0;
    this.#uses.set(x, uses + 1);
    if (uses > 0) return;
    for (const index of indicesOf(x))
      I.forEachLoad(index, (source) => this.#use(elementOf(source)));
    for (const part of partsOf(x)) this.#use(part);
  }

  /** Text of an index in one lane; what it reads from memory is computed in `scope`. */
  index(index: I.Index, scope: Scope, lane: number): string {
    return this.#print(inLane(index, this.lanes, lane), scope, lane);
  }

  #print(index: I.Index, scope: Scope, lane: number): string {
    const load: I.PrintLoad = (source, _, size) => {
      const element = elementOf(source);
      const value = this.emit(element, scope, lane);
      // Of what has no elements none is read, but a kernel may say it.
      const last = Math.max(size - 1, 0);
      return element.dtype === "int32"
        ? `u32(clamp(${value}, 0i, ${last}i))`
        : `min(u32(${value}), ${last}u)`;
    };
    return I.print(index, load, printDivision);
  }

  /** What writes the values of some lanes where they belong: as one vector, if their places are neighbours. */
  stores({ tensor, place }: Value, names: readonly string[], scope: Scope): string[] {
    const isBool = tensor.dtype === "bool";
    const values = names.map((name) => (isBool ? `select(0u, 1u, ${name})` : name));
    const vector = names.length > 1 ? this.lanes?.vectorAt(place!) : null;
    const slot = this.bindings.slot(tensor, true);
    return vector && slot.vector
      ? [`${slot.name}[${this.index(vector, scope, 0)}] = vec4(${values.join(", ")});`]
      : values.map((x, lane) => `${slot.name}[${this.index(place!, scope, lane)}] = ${x};`);
  }

  /** Computes some expressions that no value contains, and gives their names as expressions. */
  emitAll(list: readonly Scalar[], scope: Scope, lane: number): Local[] {
    for (const x of list) this.#use(x);
    return list.map((x) => ({
      kind: "local",
      name: this.emit(x, scope, lane),
      dtype: x.dtype,
    }));
  }

  /** The name of an expression's value in a lane, computed in `inner` or before the loop unless it is known there. */
  emit(x: Scalar, inner: Scope, lane: number): string {
    if (x.kind === "constant") return this.#constant(x, inner, false);
    if (x.kind === "local") return x.name;
    const changes = this.#changesOf(x);
    const scope = this.hoisted && !(changes & LOOP) ? this.hoisted.scope : inner;
    const names = getOrMake(scope.values, x, () => []);
    const inColumn = changes & LANE ? lane % LANES : 0;
    const own = this.lanes?.turns && changes & LOOP ? lane : inColumn;
    return (names[own] ??= this.#compute(x, scope, own));
  }

  /** What an expression's value changes with, as a sum: LANE, LOOP, and DATA; 0 where it is known. */
  #changesOf(x: Scalar): number {
    const known = this.#changes.get(x);
    if (known !== undefined) return known;
    const loops = this.hoisted?.variables ?? [];
    const changes = [
      // What a name stands for may change with all.
      x.kind === "local" ? DATA | LOOP | LANE : 0,
      ...indicesOf(x).map((index) => {
        const inLane = this.lanes && I.mentions(index, this.lanes.variable);
        const inLoop = loops.some((loop) => I.mentions(index, loop));
        return DATA | (inLoop ? LOOP : 0) | (inLane ? LANE : 0);
      }),
      ...partsOf(x).map((part) => this.#changesOf(part)),
    ].reduce((a, b) => a | b);
    this.#changes.set(x, changes);
    return changes;
  }

  /** Instructions in a turn of the loop for some expressions; ∞ where one is long, or made of pieces. */
  instructionsIn(list: readonly Scalar[]): number {
    const seen = new Set<Scalar>();
    const visit = (x: Scalar): number => {
      if (seen.has(x) || !(this.#changesOf(x) & LOOP)) return 0;
      seen.add(x);
      const own = x.kind === "apply" ? instructionsOf(x.f) : x.kind === "pieces" ? Infinity : 0;
      return partsOf(x).reduce((n, part) => n + visit(part), own);
    };
    return list.reduce((n, x) => n + visit(x), 0);
  }

  #compute(x: Exclude<Scalar, Constant | Local>, scope: Scope, lane: number): string {
    switch (x.kind) {
      case "load":
        return this.local(x.tensor, lane) ?? this.#load(x, scope, lane);
      case "index":
        return this.#let(`${rowOf(x.dtype).computed}(${this.index(x.index, scope, lane)})`, scope);
      case "apply": {
        const name = this.#let(this.#apply(x, scope, lane)[0], scope);
        // A 0 that compilers could find.
        return this.#changesOf(x) === 0 && isFloat(x.dtype)
          ? this.#let(hidden("f32", `bitcast<u32>(${name})`), scope)
          : name;
      }
      case "pieces":
        return this.#pieces(x, scope, lane);
    }
  }

  /** The text of a function of others, and how tightly it binds. */
  #apply(x: Apply, scope: Scope, lane: number): [text: string, binding: number] {
    const { f, args, dtype } = x;
    const isKnown = this.#changesOf(x) === 0;
    const operand = (arg: Scalar, least: number): string => {
      if (arg.kind === "constant") return this.#constant(arg, scope, isKnown);
      // Within the only one that it is a part of, where it is computed as often and as late.
      const changes = this.#changesOf(arg);
      const isInline = this.#uses.get(arg) === 1 && changes > 0 && changes === this.#changesOf(x);
      if (arg.kind !== "apply" || !isInline) return this.emit(arg, scope, lane);
      const [text, binding] = this.#apply(arg, scope, lane);
      if (text.length > LONGEST_OPERAND) return this.#let(text, scope);
      return binding < least ? `(${text})` : text;
    };
    if (/^\w/.test(f)) {
      const name = f === "convert" ? rowOf(dtype).computed : f;
      // A comparison in a list of arguments might be read as a list of types.
      return [`${name}(${args.map((arg) => operand(arg, 2)).join(", ")})`, CALL];
    }
    if (args.length === 1) return [`${f}${operand(args[0], CALL)}`, PREFIX];
    const own = BINDING.findIndex((operators) => operators.includes(f));
    const right = own === 0 ? PREFIX : own + 1;
    const left = own < 2 ? right : own;
    return [`${operand(args[0], left)} ${f} ${operand(args[1], right)}`, own];
  }

  /**
   * A number, hidden if compilers must not know it. So is a float's 0: of its products they would make 0, those with NaN
   * and ∞ too. And so are numbers beside others: what compilers find from them may be a 0, or an error where it has no
   * value, such as 1/0 and √−1. NaN and the infinities have no literals.
   */
  #constant({ value, dtype }: Constant, inner: Scope, hide: boolean): string {
    const { Stored, computed } = rowOf(dtype);
    const stored = Stored.from([value]);
    const isPlain = !isFloat(dtype) || (stored[0] !== 0 && Number.isFinite(stored[0]));
    if (dtype === "bool" || (isPlain && !hide)) return literal(value, dtype);
    // By its bits, since drivers take the literal −0 for 0.
    const [bits] = new Uint32Array(stored.buffer);
    return this.#let(hidden(computed, `${bits}u`), this.hoisted?.scope ?? inner);
  }

  /** The name of a text's value: what reads alike is computed once. */
  #let(text: string, scope: Scope): string {
    const known = scope.names.get(text);
    if (known) return known;
    const name = this.name();
    scope.lines.push(`let ${name} = ${text};`);
    scope.names.set(text, name);
    return name;
  }

  #load(x: Load, scope: Scope, lane: number): string {
    const { tensor, index } = x;
    const truth = (text: string) => (tensor.dtype === "bool" ? `(${text} != 0u)` : text);
    const vector = this.lanes?.vectorAt(index, lane);
    const slot = this.bindings.slot(tensor);
    if (vector && slot.vector) {
      const at = this.#print(vector, scope, lane);
      return truth(`${this.#let(`${slot.name}[${at}]`, scope)}.${"xyzw"[lane % LANES]}`);
    }
    const parts = slot.vector ? [I.div(index, LANES), I.mod(index, LANES)] : [index];
    const places = parts.map((at) => `[${this.index(at, scope, lane)}]`);
    return this.#let(truth(`${slot.name}${places.join("")}`), scope);
  }

  #pieces(x: Pieces, scope: Scope, lane: number): string {
    const { pieces, otherwise } = openPieces(x, this.lanes, lane);
    const values = pieces.map(({ value }) => this.emit(value, scope, lane));
    const rest = this.emit(otherwise, scope, lane);
    if (pieces.length === 0) return rest;
    // A line for each, and no branches: `&&` is one, and within nested calls some drivers double their work with each.
    return values.reduceRight((other, value, i) => {
      const sides = pieces[i].bounds.flatMap((b) => this.#sides(b, scope, lane));
      return this.#let(`select(${other}, ${value}, ${sides.join(" & ")})`, scope);
    }, rest);
  }

  /** What has to be true for a bound to hold. */
  #sides({ value, min, max }: I.Bound, scope: Scope, lane: number): string[] {
    const at = this.#print(value, scope, lane);
    const [low, high] = I.range(value);
    return [
      ...(low < min ? [`(${at} >= ${min}u)`] : []),
      ...(high >= max ? [`(${at} < ${max}u)`] : []),
    ];
  }
}

/** A number of a type by its bits, which compilers may know, as one that they don't. */
const hidden = (type: string, bits: string) => `bitcast<${type}>(${bits} + none)`;
