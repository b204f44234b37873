import * as I from "../../base/index-expr.ts";

// Where an index can be while bounds hold: by interval arithmetic, and where that cannot tell, point by point.

/** Points that are tried one by one; of more, as many are drawn. */
const MOST_POINTS = 4096;

/** Whether an index is in [0, size) wherever all bounds hold. */
export function staysWithin(x: I.Index, bounds: readonly I.Bound[], size: number): boolean {
  if (bounds.some(I.neverHolds)) return true;
  const [min, max] = rangeUnder(x, bounds);
  if (min >= 0 && max < size) return true;
  return holdsAt(
    [x, ...bounds.map((b) => b.value)],
    ([at, ...values]) =>
      (at >= 0 && at < size) || values.some((v, i) => !(v >= bounds[i].min && v < bounds[i].max)),
  );
}

/** Whether two indices are equal wherever loops lead. */
export const areEqual = (x: I.Index, y: I.Index): boolean =>
  x.key === y.key || holdsAt([x, y], ([a, b]) => a === b);

/** Whether an index takes each of the values 0 to size − 1 just once. */
export function isOneToOne(x: I.Index, size: number): boolean {
  if (size === 0 || isMixedRadix(x, size)) return true;
  const loops = loopsIn([x]);
  const points = [...loops.values()].reduce((product, n) => product * n, 1);
  if (points !== size) return false;
  if (points > MOST_POINTS) return staysWithin(x, [], size);
  const seen = new Set<number>();
  return holdsAt([x], ([at]) => at >= 0 && at < size && seen.size < seen.add(at).size);
}

/** Whether an index counts as digits do: each term's coefficient is the number of values that those below it take. */
function isMixedRadix(x: I.Index, size: number): boolean {
  let next = 1;
  for (const { atom, coef } of x.terms.toSorted((a, b) => a.coef - b.coef)) {
    if (atom.kind !== "variable" || coef !== next) return false;
    next *= atom.size;
  }
  return x.offset === 0 && next === size;
}

/** The least and the greatest value while bounds hold; the interval may be too wide. */
function rangeUnder(x: I.Index, bounds: readonly I.Bound[]): [min: number, max: number] {
  let [rest, min, max] = [x, 0, 0];
  // x = Σ s · v + rest, for those v that are bounded.
  for (const { value: v, min: from, max: to } of bounds.flatMap(withInner)) {
    const [first] = v.terms;
    const term = first && rest.terms.find((t) => t.atom.key === first.atom.key);
    const s = term ? term.coef / first.coef : 0;
    if (s === 0 || !Number.isInteger(s)) continue;
    const less = I.combine([
      [rest, 1],
      [v, -s],
    ]);
    if (less.terms.length !== rest.terms.length - v.terms.length) continue;
    rest = less;
    min += s > 0 ? s * from : s * (to - 1);
    max += s > 0 ? s * (to - 1) : s * from;
  }
  const [low, high] = I.range(x);
  const [restLow, restHigh] = I.range(rest);
  return [Math.max(low, min + restLow), Math.min(high, max + restHigh)];
}

/** A bound, and that of what it divides: a ≤ ⌊x / n⌋ < b where n · a ≤ x < n · b. */
function withInner(bound: I.Bound): I.Bound[] {
  const { value, min, max } = bound;
  const [only] = value.terms;
  if (value.terms.length !== 1 || only.coef !== 1 || only.atom.kind !== "div") return [bound];
  const { of, by } = only.atom;
  const inner = { value: of, min: (min - value.offset) * by, max: (max - value.offset) * by };
  return [bound, ...withInner(inner)];
}

/** Whether something holds of the values of some expressions at all points, or at as many as are drawn. */
function holdsAt(xs: readonly I.Index[], holds: (values: readonly number[]) => boolean): boolean {
  const loops = [...loopsIn(xs)];
  const points = loops.reduce((product, [, n]) => product * n, 1);
  const reads = xs.some((x) => x.key.includes("["));
  const random = drawing();
  // What is read from memory may be anything, however few points there are.
  const tries = reads && points > 0 ? MOST_POINTS : Math.min(points, MOST_POINTS);
  for (let i = 0; i < tries; i++) {
    let number = points > MOST_POINTS || i >= points ? Math.floor(random() * points) : i;
    const point = new Map<I.LoopVariable, number>();
    for (const [loop, n] of loops) {
      point.set(loop, number % n);
      number = Math.floor(number / n);
    }
    const read = new Map<string, number>();
    const load = ({ id }: I.IndexSource, at: I.Index, size: number) => {
      const key = `${id}[${at.key}]`;
      const value = read.get(key) ?? random();
      read.set(key, value);
      return Math.floor(value * size);
    };
    if (!holds(xs.map((x) => I.evaluate(x, point, load)))) return false;
  }
  return true;
}

/** The loops that expressions depend on, and how often each runs. */
function loopsIn(xs: readonly I.Index[]): Map<I.LoopVariable, number> {
  const loops = new Map<I.LoopVariable, number>();
  const pending = [...xs];
  for (let x = pending.pop(); x; x = pending.pop()) {
    for (const { atom } of x.terms) {
      if (atom.kind === "variable") loops.set(atom.loop, atom.size);
      else pending.push(atom.kind === "load" ? atom.at : atom.of);
    }
  }
  return loops;
}

/** Numbers in [0, 1) that look random, the same each time. */
function drawing(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
