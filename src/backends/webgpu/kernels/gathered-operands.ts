import * as I from "../../../base/index-expr.ts";
import { PRODUCT_COLUMN, PRODUCT_ROW, TERM } from "../../../plan/loop-variables.ts";
import type { Operand } from "../../../plan/materialize.ts";
import { printDivision } from "./division.ts";
import { LANES, vectorOf } from "./lanes.ts";
import type { Element } from "./matmul-families.ts";

// Operands of a matrix product that do not lie in memory as matrices: a block of 4 × 4 elements is computed from their
// places. What depends on the row or column alone, or on the term alone, is computed once for the block.

/** Count blocks along the rows of A or the columns of B, and along the terms. */
const ALONG: I.LoopVariable = { name: "along" };
const TERMS: I.LoopVariable = { name: "terms" };

/** The elements of a block: four vectors of four. */
type BlockElements<T> = readonly (readonly T[])[];

const blockOf = <T>(element: (vector: number, lane: number) => T): BlockElements<T> =>
  Array.from({ length: LANES }, (_, v) => Array.from({ length: LANES }, (__, l) => element(v, l)));

const flip = <T>(block: BlockElements<T>): BlockElements<T> => blockOf((v, l) => block[l][v]);

/** An operand as the blocks of 4 × 4 that a kernel takes: the places of their elements. */
export class Gather {
  readonly #operand: Operand;
  readonly #side: "A" | "B";
  readonly #places: BlockElements<I.Index>;
  /** The vectors lie across those of the block. */
  readonly #flipped: boolean;
  /** Whether it is read in vectors, where nothing else reads the tensor otherwise. */
  readonly isVector: boolean;

  /** A of m × k, or B of k × n; `length` is m or n. */
  constructor(operand: Operand, side: "A" | "B", length: number, terms: number) {
    this.#operand = operand;
    this.#side = side;
    const values = (v: number, l: number) => {
      const [row, term] = side === "A" ? [v, l] : [l, v];
      return new Map([
        [side === "A" ? PRODUCT_ROW : PRODUCT_COLUMN, inBlock(ALONG, length, row)],
        [TERM, inBlock(TERMS, terms, term)],
      ]);
    };
    this.#at = (x) => blockOf((v, l) => I.substitute(x, values(v, l)));
    this.#places = this.#at(operand.index);
    const inVectors = (block: BlockElements<I.Index>) => block.every(vectorOf);
    this.#flipped = !inVectors(this.#places) && inVectors(flip(this.#places));
    this.isVector = this.#flipped || inVectors(this.#places);
  }

  /** An index at each element of a block. */
  readonly #at: (x: I.Index) => BlockElements<I.Index>;

  /** The body of blockA or blockB, on one line; `name` is that of the binding. */
  body(name: string, element: Element): string {
    const [along, cut] = this.#side === "A" ? ["m", "cutA"] : ["n", "cutB"];
    const start = `let batch = i; let along = ${along} / 4; let terms = k / 4;`;
    const writer = new Writer(start);
    const oriented = <T>(block: BlockElements<T>) => (this.#flipped ? flip(block) : block);
    const bounds = this.#operand.bounds.map((bound) => ({
      ...bound,
      values: oriented(this.#at(bound.value)),
    }));
    const vectors = oriented(this.#places).map((places, v) => {
      const conditions = places.map((_, lane) => {
        const own = bounds.map((bound) => ({ ...bound, value: bound.values[v][lane] }));
        return own.some(I.neverHolds) || this.#isBeyond(places[lane])
          ? null
          : own.filter((bound) => !I.alwaysHolds(bound)).map((bound) => writer.holds(bound));
      });
      return writer.vector(conditions, (lanes) => this.#load(name, element, places, lanes, writer));
    });
    const block = `mat4x4f(${vectors.join(", ")})`;
    return writer.end(`${cut}(${this.#flipped ? `transpose(${block})` : block}, k)`);
  }

  /** Whether a place that is known is outside of the tensor: that of a row, column or term that is not there. */
  #isBeyond({ terms, offset }: I.Index): boolean {
    return terms.length === 0 && (offset < 0 || offset >= this.#operand.tensor.size);
  }

  /** Four elements; in lanes that are not there, which may have no place, any number. */
  #load(
    name: string,
    element: Element,
    places: readonly I.Index[],
    lanes: readonly boolean[],
    writer: Writer,
  ): string {
    if (element === "vec4f") return `${name}[${writer.index(vectorOf(places)!)}]`;
    const elements = places.map((place, lane) =>
      lanes[lane] ? `${name}[${writer.index(place)}]` : "0",
    );
    return `vec4f(${elements.join(", ")})`;
  }
}

/** A loop variable of a product within a block. */
const inBlock = (block: I.LoopVariable, length: number, lane: number): I.Index =>
  length === 1 ? I.zero : I.combine([[I.variable(block, Math.ceil(length / LANES)), LANES]], lane);

/** Lines of a body; what reads alike is computed once. */
class Writer {
  readonly #lines: string[];
  readonly #names = new Map<string, string>();

  constructor(start: string) {
    this.#lines = [start];
  }

  #let(text: string): string {
    if (/^\w+$/.test(text)) return text;
    const known = this.#names.get(text);
    if (known) return known;
    const name = `v${this.#names.size}`;
    this.#lines.push(`let ${name} = ${text};`);
    this.#names.set(text, name);
    return name;
  }

  /** An index without its offset: parts that other elements of the block share, and their sum. */
  #sum(x: I.Index): string {
    const parts = I.partsBy(x, [ALONG, TERMS]).map((part) => this.#print(part));
    return parts.length === 0 ? "" : this.#let(parts.join(" + "));
  }

  #print(x: I.Index): string {
    const text = I.print(
      x,
      () => "",
      (kind, of, by, max) => this.#let(printDivision(kind, this.#let(of), by, max)),
    );
    return this.#let(text);
  }

  index(x: I.Index): string {
    const sum = this.#sum(x);
    if (sum === "") return `${x.offset}u`;
    if (x.offset === 0) return sum;
    return `${sum} ${x.offset < 0 ? "-" : "+"} ${Math.abs(x.offset)}u`;
  }

  /** Whether min ≤ value < max, as one comparison: words that fall below 0 are large. */
  holds({ value, min, max }: I.Bound): string {
    return this.#let(`${this.index(I.shift(value, -min))} < ${max - min}u`);
  }

  /** What `load` reads where all conditions of a lane hold, else 0; null for a lane in which they never do. */
  vector(
    conditions: readonly (readonly string[] | null)[],
    load: (lanes: readonly boolean[]) => string,
  ): string {
    if (conditions.every((list) => list === null)) return "vec4f()";
    const loaded = load(conditions.map((list) => list !== null));
    const lanes = conditions.map((list) => {
      if (list === null) return "false";
      return list.length === 0 ? "true" : this.#let(list.join(" & "));
    });
    const shared = lanes.every((lane) => lane === lanes[0]);
    if (shared && lanes[0] === "true") return this.#let(loaded);
    const condition = shared ? lanes[0] : `vec4<bool>(${lanes.join(", ")})`;
    return this.#let(`select(vec4f(), ${loaded}, ${condition})`);
  }

  end(result: string): string {
    return [...this.#lines, `return ${result};`].join(" ");
  }
}
