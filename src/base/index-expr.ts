// Integer expressions of loop variables, kept as linear combinations of atoms: offset + Σ coefᵢ · atomᵢ.
// Movement ops (reshape, transpose, slice, …) are index arithmetic, and this is the arithmetic: what a chain of
// them does to an index is simplified here with the variables' ranges, so that equal indices become equal keys.

/** What counts a loop: in expressions it is told from others by its name. */
export interface LoopVariable {
  readonly name: string;
}

/** A loop variable: 0 ≤ value < size. */
interface LoopIndex {
  kind: "variable";
  loop: LoopVariable;
  size: number;
  key: string;
}

/** ⌊of / by⌋ or of mod by, for a positive constant `by`. */
interface Quotient {
  kind: "div" | "mod";
  of: Index;
  by: number;
  range: readonly [min: number, max: number];
  key: string;
}

/** An element of a tensor used as an index, clamped to 0 ≤ value < size. */
interface IndexLoad {
  kind: "load";
  source: IndexSource;
  at: Index;
  size: number;
  key: string;
}

/** What a load reads from: anything with a number of its own. */
export interface IndexSource {
  readonly id: number;
}

type Atom = LoopIndex | Quotient | IndexLoad;

interface Term {
  atom: Atom;
  coef: number;
}

/** offset + Σ coef · atom, the atoms in the order of their keys. */
export interface Index {
  readonly offset: number;
  readonly terms: readonly Term[];
  /** Equal for equal expressions. */
  readonly key: string;
}

/** min ≤ value < max. */
export interface Bound {
  readonly value: Index;
  readonly min: number;
  readonly max: number;
}

/** The index of terms that are in order. */
function ordered(offset: number, terms: readonly Term[]): Index {
  let key = `${offset}`;
  for (const { atom, coef } of terms) key += `+${coef}*${atom.key}`;
  return { offset, terms, key };
}

const isBefore = (a: Term, b: Term) => a.atom.key < b.atom.key;

function make(offset: number, terms: Term[]): Index {
  // Most have one term or two: sorting is left to those that are not in order.
  if (terms.some((term, i) => i > 0 && !isBefore(terms[i - 1], term)))
    terms.sort((a, b) => (isBefore(a, b) ? -1 : 1));
  return ordered(offset, terms);
}

const ofAtom = (atom: Atom): Index => ordered(0, [{ atom, coef: 1 }]);

export const constant = (value: number): Index => ordered(value, []);

export const zero = constant(0);

export function variable(loop: LoopVariable, size: number): Index {
  return size === 1 ? zero : ofAtom({ kind: "variable", loop, size, key: `${loop.name}<${size}` });
}

/** Element `at` (row-major) of `source`, clamped to [0, size). */
export function load(source: IndexSource, at: Index, size: number): Index {
  return ofAtom({ kind: "load", source, at, size, key: `${source.id}[${at.key}]%${size}` });
}

/** The least and the greatest value. */
export function range({ offset, terms }: Omit<Index, "key">): [min: number, max: number] {
  let [min, max] = [offset, offset];
  for (const { atom, coef } of terms) {
    const [low, high] = rangeOf(atom);
    min += coef * (coef > 0 ? low : high);
    max += coef * (coef > 0 ? high : low);
  }
  return [min, max];
}

function rangeOf(atom: Atom): readonly [min: number, max: number] {
  switch (atom.kind) {
    case "variable":
    case "load":
      return [0, atom.size - 1];
    case "div":
    case "mod":
      return atom.range;
  }
}

export function alwaysHolds({ value, min, max }: Bound): boolean {
  const [low, high] = range(value);
  return low >= min && high < max;
}

export function neverHolds({ value, min, max }: Bound): boolean {
  const [low, high] = range(value);
  return min >= max || high < min || low >= max;
}

const within = (x: Omit<Index, "key">, size: number) => {
  const [min, max] = range(x);
  return min >= 0 && max < size;
};

/** Σ scaleᵢ · xᵢ + offset. */
export function combine(parts: readonly (readonly [Index, number])[], offset = 0): Index {
  // Planning calls this more often than anything else: lists of pairs are not taken apart, which costs an iterator each.
  const varying = parts.filter((part) => part[0].terms.length > 0 && part[1] !== 0);
  for (const part of parts) offset += part[1] * part[0].offset;
  if (varying.length === 1) {
    const x = varying[0][0];
    const scale = varying[0][1];
    if (scale === 1 && offset === x.offset) return x;
    // What is put together already stays so when it is scaled.
    return ordered(
      offset,
      x.terms.map(({ atom, coef }) => ({ atom, coef: scale * coef })),
    );
  }
  const terms: Term[] = [];
  for (const part of varying) {
    for (const { atom, coef } of part[0].terms) {
      const at = terms.findIndex((term) => term.atom.key === atom.key);
      const sum = (at < 0 ? 0 : terms[at].coef) + part[1] * coef;
      if (at < 0) terms.push({ atom, coef: sum });
      else if (sum === 0) terms.splice(at, 1);
      else terms[at] = { atom, coef: sum };
    }
  }
  return rejoin(offset, terms);
}

/** n · ⌊x / n⌋ + (x mod n) = x: puts together what a reshape took apart. */
function rejoin(offset: number, terms: Term[]): Index {
  for (const term of terms) {
    const { atom, coef } = term;
    if (atom.kind !== "mod") continue;
    // `mod` leaves nothing in an atom that `div` would take out of it.
    const { key } = divAtom(atom.of, atom.by);
    const partner = terms.find((other) => other.atom.key === key);
    if (partner?.coef !== coef * atom.by) continue;
    const others = terms.filter((other) => other !== term && other !== partner);
    return combine([
      [make(offset, others), 1],
      [atom.of, coef],
    ]);
  }
  return make(offset, terms);
}

export const add = (x: Index, y: Index): Index =>
  combine([
    [x, 1],
    [y, 1],
  ]);

export const shift = (x: Index, by: number): Index => (by === 0 ? x : combine([[x, 1]], by));

export const scale = (x: Index, by: number): Index => combine([[x, by]]);

const gcd = (a: number, b: number): number => (b === 0 ? Math.abs(a) : gcd(b, a % b));

/** Splits x = g · high + low with 0 ≤ low < g, where some g > 1 divides n; null where there is none. */
function split(x: Index, n: number): { g: number; high: Index; low: Index } | null {
  const divisors = x.terms.map((t) => gcd(t.coef, n));
  const below = (g: number) => divisors.reduce((most, d) => (d < g ? Math.max(most, d) : most), 1);
  for (let g = n; g > 1; g = below(g)) {
    const quotient = Math.floor(x.offset / g);
    const low = {
      offset: x.offset - quotient * g,
      terms: x.terms.filter((t) => t.coef % g !== 0),
    };
    if (!within(low, g)) continue;
    const multiples = x.terms.filter((t) => t.coef % g === 0);
    const high = ordered(
      quotient,
      multiples.map(({ atom, coef }) => ({ atom, coef: coef / g })),
    );
    return { g, high, low: ordered(low.offset, low.terms) };
  }
  return null;
}

/** ⌊x / n⌋ and x mod n for n ≥ 1. */
function divMod(x: Index, n: number): readonly [quotient: Index, remainder: Index] {
  if (n === 1) return [x, zero];
  const parts = split(x, n);
  if (parts) {
    const { g, high, low } = parts;
    if (g === n) return [high, low];
    const [quotient, remainder] = divMod(high, n / g);
    const both = combine([
      [remainder, g],
      [low, 1],
    ]);
    return [quotient, both];
  }
  const rest = lessMultiples(x, n);
  return [quotientOf(x, rest, n), remainderOf(rest, n)];
}

/** ⌊x / n⌋ for n ≥ 1. */
export const div = (x: Index, n: number): Index => divMod(x, n)[0];

/** x mod n for n ≥ 1, in [0, n). */
export const mod = (x: Index, n: number): Index => divMod(x, n)[1];

function quotientOf(x: Index, rest: Index, n: number): Index {
  const whole = x.terms.filter((t) => t.coef % n === 0);
  const multiples = ordered(
    0,
    whole.map(({ atom, coef }) => ({ atom, coef: coef / n })),
  );
  return combine(
    [
      [ofAtom(divAtom(rest, n)), 1],
      [multiples, 1],
    ],
    (x.offset - rest.offset) / n,
  );
}

function remainderOf(rest: Index, n: number): Index {
  const [only] = rest.terms;
  if (rest.terms.length === 1 && rest.offset === 0 && only.coef === 1) {
    const { atom } = only;
    if (atom.kind === "mod" && atom.by % n === 0) return mod(atom.of, n);
  }
  return ofAtom({ kind: "mod", of: rest, by: n, range: [0, n - 1], key: `(${rest.key})%${n}` });
}

/** x without terms that are multiples of n, its offset the least that makes it nowhere negative: shaders' words aren't. */
function lessMultiples(x: Index, n: number): Index {
  const terms = x.terms.filter((t) => t.coef % n !== 0);
  const offset = x.offset - Math.floor(x.offset / n) * n;
  const [min] = range({ offset, terms });
  return ordered(min >= 0 ? offset : offset + Math.ceil(-min / n) * n, terms);
}

/** ⌊⌊x / a⌋ / b⌋ = ⌊x / ab⌋. */
function divAtom(x: Index, n: number): Atom {
  const [only] = x.terms;
  if (x.terms.length === 1 && x.offset === 0 && only.coef === 1 && only.atom.kind === "div") {
    return divAtom(only.atom.of, only.atom.by * n);
  }
  const [min, max] = range(x);
  const bounds = [Math.floor(min / n), Math.floor(max / n)] as const;
  return { kind: "div", of: x, by: n, range: bounds, key: `(${x.key})/${n}` };
}

/** The coordinates of a row-major linear index. */
export function unflatten(index: Index, shape: readonly number[]): Index[] {
  const coords = new Array<Index>(shape.length);
  for (let axis = shape.length - 1, rest = index; axis >= 0; axis--) {
    if (axis === 0) coords[0] = shape[0] === 1 ? zero : rest;
    else [rest, coords[axis]] = divMod(rest, Math.max(1, shape[axis]));
  }
  return coords;
}

/** The row-major linear index of coordinates. */
export function flatten(coords: readonly Index[], shape: readonly number[]): Index {
  const parts: [Index, number][] = [];
  for (let axis = shape.length - 1, stride = 1; axis >= 0; axis--) {
    if (shape[axis] !== 1) parts.push([coords[axis], stride]);
    stride *= shape[axis];
  }
  return combine(parts);
}

/** The expression with variables replaced. */
export function substitute(x: Index, values: ReadonlyMap<LoopVariable, Index>): Index {
  return combine(
    x.terms.map(({ atom, coef }) => [substituteAtom(atom, values), coef] as const),
    x.offset,
  );
}

function substituteAtom(atom: Atom, values: ReadonlyMap<LoopVariable, Index>): Index {
  switch (atom.kind) {
    case "variable":
      return values.get(atom.loop) ?? ofAtom(atom);
    case "div":
      return div(substitute(atom.of, values), atom.by);
    case "mod":
      return mod(substitute(atom.of, values), atom.by);
    case "load":
      return load(atom.source, substitute(atom.at, values), atom.size);
  }
}

/** Whether the expression depends on a variable. */
export function mentions(x: Index, loop: LoopVariable): boolean {
  return x.terms.some(({ atom }) => {
    if (atom.kind === "variable") return atom.loop === loop;
    return mentions(atom.kind === "load" ? atom.at : atom.of, loop);
  });
}

/** Whether the expression is a constant times a variable and what does not depend on it. */
export const isLinear = (x: Index, loop: LoopVariable): boolean =>
  x.terms.every((term) => term.atom.kind === "variable" || !mentions(ordered(0, [term]), loop));

/** x without its offset, as a sum of parts: the terms that depend on the same ones of some variables. */
export function partsBy(x: Index, loops: readonly LoopVariable[]): Index[] {
  const groups = new Map<string, Term[]>();
  for (const term of x.terms) {
    const alone = ordered(0, [term]);
    const key = loops.map((loop) => mentions(alone, loop)).join();
    groups.set(key, [...(groups.get(key) ?? []), term]);
  }
  return [...groups.values()].map((terms) => ordered(0, terms));
}

/** Calls `visit` for all that the expression reads from memory. */
export function forEachLoad(x: Index, visit: (source: IndexSource, at: Index) => void): void {
  for (const { atom } of x.terms) {
    if (atom.kind === "load") {
      visit(atom.source, atom.at);
      forEachLoad(atom.at, visit);
    } else if (atom.kind !== "variable") {
      forEachLoad(atom.of, visit);
    }
  }
}

/** The value of the expression at a point, where `load` gives what it reads from memory. */
export function evaluate(
  x: Index,
  point: ReadonlyMap<LoopVariable, number>,
  load: (source: IndexSource, at: Index, size: number) => number,
): number {
  return x.terms.reduce((sum, { atom, coef }) => {
    switch (atom.kind) {
      case "variable":
        return sum + coef * (point.get(atom.loop) ?? NaN);
      case "div":
        return sum + coef * Math.floor(evaluate(atom.of, point, load) / atom.by);
      case "mod": {
        const of = evaluate(atom.of, point, load);
        return sum + coef * (of - Math.floor(of / atom.by) * atom.by);
      }
      case "load":
        return sum + coef * load(atom.source, atom.at, atom.size);
    }
  }, x.offset);
}

/** Prints an element of a tensor as an unsigned integer below `size`. */
export type PrintLoad = (source: IndexSource, at: Index, size: number) => string;

/** Prints ⌊x / by⌋ or x mod by for an x of which the text and the greatest value are given. */
export type PrintDivision = (kind: "div" | "mod", text: string, by: number, max: number) => string;

const printPlainly: PrintDivision = (kind, text, by) =>
  `(${text}) ${kind === "div" ? "/" : "%"} ${by}u`;

/** Text of the expression in unsigned arithmetic; `printLoad` prints what is read from memory. */
export function print(
  x: Index,
  printLoad: PrintLoad,
  printDivision: PrintDivision = printPlainly,
): string {
  const atomText = (atom: Atom): string => {
    switch (atom.kind) {
      case "variable":
        return atom.loop.name;
      case "load":
        return printLoad(atom.source, atom.at, atom.size);
      case "div":
      case "mod": {
        const text = print(atom.of, printLoad, printDivision);
        return printDivision(atom.kind, text, atom.by, range(atom.of)[1]);
      }
    }
  };
  const termText = ({ atom, coef }: Term): string => {
    const simple = atom.kind === "variable" || atom.kind === "load";
    const text = simple ? atomText(atom) : `(${atomText(atom)})`;
    return Math.abs(coef) === 1 ? text : `${text} * ${Math.abs(coef)}u`;
  };
  const positive = x.terms.filter((t) => t.coef > 0).map(termText);
  const negative = x.terms.filter((t) => t.coef < 0).map(termText);
  if (x.offset > 0 || positive.length === 0) positive.push(`${Math.max(0, x.offset)}u`);
  if (x.offset < 0) negative.push(`${-x.offset}u`);
  return [positive.join(" + "), ...negative].join(" - ");
}
