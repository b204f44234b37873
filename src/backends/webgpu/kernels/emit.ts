import { rowOf } from "../../../base/dtype.ts";
import * as I from "../../../base/index-expr.ts";
import { literal } from "../../../base/wgsl-literal.ts";
import type { Tensor } from "../../../graph/tensor.ts";
import type { Scalar } from "../../../plan/expression.ts";
import type { Expander } from "../../../plan/expression.ts";
import type { BindingTable } from "./bindings.ts";

export const LANES = 4;

/** Lines of a block, and the names of what has been computed in it. */
export class Scope {
  readonly lines: string[] = [];
  readonly names = new Map<string, string>();
}

/**
 * A loop variable that is taken four values at a time: r = 4 · vector + lane. What is contiguous along it is read and
 * written as vectors.
 */
export interface Lanes {
  /** The variable that has lanes. */
  variable: string;
  /** The variable that counts the vectors. */
  vector: I.Index;
}

/** Turns element expressions into lines of WGSL. */
export class Emitter {
  readonly ops = new Set<string>();
  readonly bindings: BindingTable;
  readonly #expander: Expander;
  readonly lanes: Lanes | null;
  /** Values that earlier lines have computed, by tensor and lane. */
  readonly #locals = new Map<string, string>();
  readonly #ids = new Map<Scalar, number>();
  /** What is known of which expressions change with a variable. */
  readonly #dependent = new Map<string, Map<Scalar, boolean>>();
  /** Where what changes with none of a loop's variables is computed: before the loop. */
  hoisted: { variables: readonly string[]; scope: Scope } | null = null;
  #count = 0;

  constructor(bindings: BindingTable, expander: Expander, lanes: Lanes | null) {
    this.bindings = bindings;
    this.#expander = expander;
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

  /** An index for one lane. */
  at(index: I.Index, lane: number): I.Index {
    const { lanes } = this;
    if (!lanes) return index;
    const value = I.combine([[lanes.vector, LANES]], lane);
    return I.substitute(index, new Map([[lanes.variable, value]]));
  }

  /** The place of the vector that the lanes of an index make up, if they do. */
  vectorAt(index: I.Index): I.Index | null {
    if (!this.lanes || !I.mentions(index, this.lanes.variable)) return null;
    const first = this.at(index, 0);
    for (let lane = 1; lane < LANES; lane++) {
      if (this.at(index, lane).key !== I.shift(first, lane).key) return null;
    }
    const vector = I.div(first, LANES);
    return I.scale(vector, LANES).key === first.key ? vector : null;
  }

  /** Text of an index in one lane; what it reads from memory is computed in `scope`. */
  index(index: I.Index, scope: Scope, lane: number): string {
    return this.#print(this.at(index, lane), scope, lane);
  }

  #print(index: I.Index, scope: Scope, lane: number): string {
    return I.print(index, (source, at, size) => {
      const tensor = source as Tensor;
      const value = this.emit(this.#expander.element(tensor, at), scope, lane);
      return tensor.dtype === "int32"
        ? `u32(clamp(${value}, 0i, ${size - 1}i))`
        : `min(u32(${value}), ${size - 1}u)`;
    });
  }

  /** The name of an expression's value in a lane, computed in `inner` or before the loop unless it is known there. */
  emit(x: Scalar, inner: Scope, lane: number): string {
    if (x.kind === "constant") return literal(x.value, x.dtype);
    const { hoisted } = this;
    const stays = hoisted && !hoisted.variables.some((name) => this.#dependsOn(x, name));
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

  #dependsOn(x: Scalar, name: string): boolean {
    const known = this.#dependent.get(name) ?? new Map<Scalar, boolean>();
    this.#dependent.set(name, known);
    return dependsOn(x, name, known);
  }

  #compute(x: Exclude<Scalar, { kind: "constant" }>, scope: Scope, lane: number): string {
    switch (x.kind) {
      case "load":
        return this.local(x.tensor, lane) ?? this.#load(x, scope, lane);
      case "index":
        return this.#let(`${rowOf(x.dtype).computed}(${this.index(x.index, scope, lane)})`, scope);
      case "map": {
        const texts = x.args.map((arg) => this.emit(arg, scope, lane));
        // A constant expression is evaluated when the shader is made, and may be none that has a value: 1/0, √−1.
        const known = x.args.every((arg) => arg.kind === "constant");
        const args = known ? texts.map((text) => this.#let(text, scope)) : texts;
        this.ops.add(x.op.name);
        return this.#let(x.op.wgsl(args, x.attrs, x.specs), scope);
      }
      case "pieces":
        return this.#pieces(x, scope, lane);
    }
  }

  #let(text: string, scope: Scope): string {
    const name = this.name();
    scope.lines.push(`let ${name} = ${text};`);
    return name;
  }

  #load(x: Scalar & { kind: "load" }, scope: Scope, lane: number): string {
    const { tensor, index } = x;
    const truth = (text: string) => (tensor.dtype === "bool" ? `(${text} != 0u)` : text);
    const vector = this.vectorAt(index);
    if (!vector) this.bindings.needsScalars(tensor);
    const slot = this.bindings.slot(tensor);
    if (vector && slot.vector) {
      const key = `${slot.name}[${vector.key}]`;
      const known = scope.names.get(key);
      const name = known ?? this.#let(`${slot.name}[${this.#print(vector, scope, lane)}]`, scope);
      scope.names.set(key, name);
      return truth(`${name}.${"xyzw"[lane]}`);
    }
    const key = `element ${slot.name}[${this.at(index, lane).key}]`;
    const known = scope.names.get(key);
    if (known) return known;
    const at = this.index(index, scope, lane);
    const element = slot.vector ? `[(${at}) / ${LANES}u][(${at}) % ${LANES}u]` : `[${at}]`;
    const name = this.#let(truth(`${slot.name}${element}`), scope);
    scope.names.set(key, name);
    return name;
  }

  /** What can be told of the bounds here is told now: a piece that is never there could have an index out of range. */
  #pieces(x: Scalar & { kind: "pieces" }, scope: Scope, lane: number): string {
    const at = x.pieces.map(({ bounds, value }) => ({
      bounds: bounds.map((b) => ({ ...b, value: this.at(b.value, lane) })),
      value,
    }));
    const possible = at.filter(({ bounds }) => !bounds.some(I.neverHolds));
    const sure = possible.findIndex(({ bounds }) => bounds.every(I.alwaysHolds));
    const pieces = sure < 0 ? possible : possible.slice(0, sure);
    const otherwise = sure < 0 ? x.otherwise : possible[sure].value;
    const values = pieces.map(({ value }) => this.emit(value, scope, lane));
    const rest = this.emit(otherwise, scope, lane);
    if (pieces.length === 0) return rest;
    const conditions = pieces.map(({ bounds }) =>
      bounds
        .filter((b) => !I.alwaysHolds(b))
        .map((b) => this.#holds(b, scope, lane))
        .join(" && "),
    );
    const text = values.reduceRight(
      (other, value, i) => `select(${other}, ${value}, ${conditions[i]})`,
      rest,
    );
    const name = this.name();
    scope.lines.push(`let ${name}: ${rowOf(x.dtype).computed} = ${text};`);
    return name;
  }

  #holds({ value, min, max }: I.Bound, scope: Scope, lane: number): string {
    const at = this.#print(value, scope, lane);
    const [low, high] = I.range(value);
    const sides = [
      ...(low < min ? [`${at} >= ${min}u`] : []),
      ...(high >= max ? [`${at} < ${max}u`] : []),
    ];
    return sides.join(" && ");
  }
}

/** Whether an expression's value changes with a loop variable. */
function dependsOn(x: Scalar, name: string, known: Map<Scalar, boolean>): boolean {
  const found = known.get(x);
  if (found !== undefined) return found;
  const depends = (() => {
    switch (x.kind) {
      case "load":
      case "index":
        return I.mentions(x.index, name);
      case "map":
        return x.args.some((arg) => dependsOn(arg, name, known));
      case "pieces":
        return (
          dependsOn(x.otherwise, name, known) ||
          x.pieces.some(
            ({ bounds, value }) =>
              dependsOn(value, name, known) || bounds.some((b) => I.mentions(b.value, name)),
          )
        );
      default:
        return false;
    }
  })();
  known.set(x, depends);
  return depends;
}
