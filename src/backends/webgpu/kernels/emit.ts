import { isFloat, rowOf } from "../../../base/dtype.ts";
import * as I from "../../../base/index-expr.ts";
import { literal } from "../../../base/wgsl-literal.ts";
import type { Tensor } from "../../../graph/tensor.ts";
import { elementOf, type Scalar } from "../../../plan/expression.ts";
import type { BindingTable } from "./bindings.ts";
import { printDivision } from "./division.ts";
import { inLane, LANES, openPieces, type Lanes } from "./lanes.ts";

/** Lines of a block, and the names of what has been computed in it. */
export class Scope {
  readonly lines: string[] = [];
  readonly names = new Map<string, string>();
}

/** Turns element expressions into lines of WGSL, which may read `none`: 0, but compilers do not know that. */
export class Emitter {
  readonly ops = new Set<string>();
  readonly bindings: BindingTable;
  readonly lanes: Lanes | null;
  /** Values that earlier lines have computed, by tensor and lane. */
  readonly #locals = new Map<string, string>();
  readonly #ids = new Map<Scalar, number>();
  readonly #known = new Map<Scalar, boolean>();
  /** What is known of which expressions change with a variable. */
  readonly #dependent = new Map<I.LoopVariable, Map<Scalar, boolean>>();
  /** Where what changes with none of a loop's variables is computed: before the loop. */
  hoisted: { variables: readonly I.LoopVariable[]; scope: Scope } | null = null;
  #count = 0;

  constructor(bindings: BindingTable, lanes: Lanes | null) {
    this.bindings = bindings;
    this.lanes = lanes;
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

  /** Text of an index in one lane; what it reads from memory is computed in `scope`. */
  index(index: I.Index, scope: Scope, lane: number): string {
    return this.#print(inLane(index, this.lanes, lane), scope, lane);
  }

  #print(index: I.Index, scope: Scope, lane: number): string {
    const load: I.PrintLoad = (source, _, size) => {
      const element = elementOf(source);
      const value = this.emit(element, scope, lane);
      return element.dtype === "int32"
        ? `u32(clamp(${value}, 0i, ${size - 1}i))`
        : `min(u32(${value}), ${size - 1}u)`;
    };
    return I.print(index, load, printDivision);
  }

  /** The name of an expression's value in a lane, computed in `inner` or before the loop unless it is known there. */
  emit(x: Scalar, inner: Scope, lane: number): string {
    if (x.kind === "constant") return this.#constant(x, inner);
    const { hoisted } = this;
    const stays = hoisted && !hoisted.variables.some((loop) => this.#dependsOn(x, loop));
    const scope = stays ? hoisted.scope : inner;
    const key = `${this.#id(x)}/${this.lanes && this.#varies(x) ? lane : 0}`;
    const known = scope.names.get(key);
    if (known) return known;
    const name = this.#compute(x, scope, lane);
    scope.names.set(key, name);
    return name;
  }

  #id(x: Scalar): number {
    const id = this.#ids.get(x) ?? this.#ids.size;
    this.#ids.set(x, id);
    return id;
  }

  #varies(x: Scalar): boolean {
    return this.#dependsOn(x, this.lanes!.variable);
  }

  #dependsOn(x: Scalar, loop: I.LoopVariable): boolean {
    const known = this.#dependent.get(loop) ?? new Map<Scalar, boolean>();
    this.#dependent.set(loop, known);
    return dependsOn(x, loop, known);
  }

  #compute(x: Exclude<Scalar, { kind: "constant" }>, scope: Scope, lane: number): string {
    switch (x.kind) {
      case "load":
        return this.local(x.tensor, lane) ?? this.#load(x, scope, lane);
      case "index":
        return this.#let(`${rowOf(x.dtype).computed}(${this.index(x.index, scope, lane)})`, scope);
      case "map": {
        const known = this.#isKnown(x);
        const texts = x.args.map((arg) => this.emit(arg, scope, lane));
        // Compilers fold what is known, and what they find may be a 0, or an error where it has no value: 1/0, √−1.
        const args = known ? texts.map((text) => this.#let(text, scope)) : texts;
        this.ops.add(x.op.name);
        const name = this.#let(x.op.wgsl(args, x.attrs, x.specs), scope);
        return known && isFloat(x.dtype) ? this.#let(hidden(`bitcast<u32>(${name})`), scope) : name;
      }
      case "pieces":
        return this.#pieces(x, scope, lane);
    }
  }

  /** A number; a float's 0 is hidden: of its products compilers would make 0, those with NaN and ∞ too. */
  #constant({ value, dtype }: Scalar & { kind: "constant" }, inner: Scope): string {
    if (value !== 0 || !isFloat(dtype)) return literal(value, dtype);
    const scope = this.hoisted?.scope ?? inner;
    // By its bits, since drivers take the literal −0 for 0.
    const text = hidden(Object.is(value, -0) ? "0x80000000u" : "0u");
    return this.#let(text, scope);
  }

  /** Whether an expression is made of nothing but numbers that are known. */
  #isKnown(x: Scalar): boolean {
    if (x.kind !== "map") return x.kind === "constant";
    const found = this.#known.get(x) ?? x.args.every((arg) => this.#isKnown(arg));
    this.#known.set(x, found);
    return found;
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

  #load(x: Scalar & { kind: "load" }, scope: Scope, lane: number): string {
    const { tensor, index } = x;
    const truth = (text: string) => (tensor.dtype === "bool" ? `(${text} != 0u)` : text);
    const vector = this.lanes?.vectorAt(index);
    const slot = this.bindings.slot(tensor);
    if (vector && slot.vector) {
      const at = this.#print(vector, scope, lane);
      return truth(`${this.#let(`${slot.name}[${at}]`, scope)}.${"xyzw"[lane]}`);
    }
    const at = this.index(index, scope, lane);
    const element = slot.vector ? `[(${at}) / ${LANES}u][(${at}) % ${LANES}u]` : `[${at}]`;
    return this.#let(truth(`${slot.name}${element}`), scope);
  }

  #pieces(x: Scalar & { kind: "pieces" }, scope: Scope, lane: number): string {
    const { pieces, otherwise } = openPieces(x, this.lanes, lane);
    const values = pieces.map(({ value }) => this.emit(value, scope, lane));
    const rest = this.emit(otherwise, scope, lane);
    if (pieces.length === 0) return rest;
    // A line for each, and no branches: `&&` is one, and within nested calls some drivers double their work with each.
    return values.reduceRight((other, value, i) => {
      const sides = pieces[i].bounds.flatMap((b) => this.#sides(b, scope, lane));
      const name = this.name();
      const text = `select(${other}, ${value}, ${sides.join(" & ")})`;
      scope.lines.push(`let ${name}: ${rowOf(x.dtype).computed} = ${text};`);
      return name;
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

/** The float with bits that compilers may know, as one that they don't. */
const hidden = (bits: string) => `bitcast<f32>(${bits} + none)`;

/** Whether an expression's value changes with a loop variable. */
function dependsOn(x: Scalar, loop: I.LoopVariable, known: Map<Scalar, boolean>): boolean {
  const found = known.get(x);
  if (found !== undefined) return found;
  const depends = (() => {
    switch (x.kind) {
      case "load":
      case "index":
        return I.mentions(x.index, loop);
      case "map":
        return x.args.some((arg) => dependsOn(arg, loop, known));
      case "pieces":
        return (
          dependsOn(x.otherwise, loop, known) ||
          x.pieces.some(
            ({ bounds, value }) =>
              dependsOn(value, loop, known) || bounds.some((b) => I.mentions(b.value, loop)),
          )
        );
      default:
        return false;
    }
  })();
  known.set(x, depends);
  return depends;
}
