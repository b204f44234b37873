/**
 * Who waits for whom. Every node has a level above those of all that it waits for, so a search for one of them ends
 * where the levels fall below its own.
 */
export class Dependencies<T> {
  readonly #before = new Map<T, Set<T>>();
  readonly #after = new Map<T, Set<T>>();
  readonly #level = new Map<T, number>();

  constructor(nodes: readonly T[]) {
    for (const node of nodes) this.#insert(node, new Set(), new Set());
  }

  #insert(node: T, before: Set<T>, after: Set<T>): void {
    this.#before.set(node, before);
    this.#after.set(node, after);
    this.#level.set(node, 0);
  }

  /** Makes `then` wait for `first`, which does not wait for it. */
  add(first: T, then: T): void {
    if (first === then) return;
    this.#before.get(then)!.add(first);
    this.#after.get(first)!.add(then);
    this.#raise(then, this.#level.get(first)! + 1);
  }

  #raise(node: T, level: number): void {
    const pending: [T, number][] = [[node, level]];
    for (let next = pending.pop(); next; next = pending.pop()) {
      const [raised, to] = next;
      if (this.#level.get(raised)! >= to) continue;
      this.#level.set(raised, to);
      for (const later of this.#after.get(raised)!) pending.push([later, to + 1]);
    }
  }

  /** What a node waits for directly. */
  before(node: T): ReadonlySet<T> {
    return this.#before.get(node)!;
  }

  /** Whether `node` waits for `first`, directly or through others. */
  waits(node: T, first: T): boolean {
    const level = this.#level.get(first)!;
    if (this.#level.get(node)! <= level) return false;
    const seen = new Set([node]);
    for (const later of seen) {
      if (this.#level.get(later)! <= level) continue;
      const before = this.#before.get(later)!;
      if (before.has(first)) return true;
      for (const earlier of before) seen.add(earlier);
    }
    return false;
  }

  /** As many of some nodes as none waits for another, those chosen first that wait for least. */
  independent(nodes: readonly T[]): T[] {
    const levelOf = (node: T) => this.#level.get(node)!;
    const candidates = nodes.toSorted((a, b) => levelOf(a) - levelOf(b));
    const highest = Math.max(0, ...candidates.slice(-1).map(levelOf));
    const dependents = new Set<T>();
    const mark = (chosen: T) => {
      const pending = [chosen];
      for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
        for (const later of this.#after.get(next)!) {
          if (dependents.has(later) || levelOf(later) > highest) continue;
          dependents.add(later);
          pending.push(later);
        }
      }
    };
    return candidates.filter((node) => {
      if (dependents.has(node)) return false;
      mark(node);
      return true;
    });
  }

  /** Puts one node in the place of several, none of which waits for another. */
  merge(old: readonly T[], merged: T): void {
    const [before, after] = [new Set<T>(), new Set<T>()];
    const level = Math.max(...old.map((node) => this.#level.get(node)!));
    for (const node of old) {
      for (const first of this.#before.get(node)!) before.add(first);
      for (const then of this.#after.get(node)!) after.add(then);
      this.#before.delete(node);
      this.#after.delete(node);
      this.#level.delete(node);
    }
    this.#insert(merged, before, after);
    for (const [neighbours, links] of [
      [before, this.#after],
      [after, this.#before],
    ] as const) {
      for (const neighbour of neighbours) {
        const known = links.get(neighbour)!;
        for (const node of old) known.delete(node);
        known.add(merged);
      }
    }
    this.#raise(merged, level);
    for (const then of after) this.#raise(then, level + 1);
  }

  /** The nodes, each behind all that it waits for; otherwise in the order given. */
  sorted(nodes: readonly T[]): T[] {
    const result: T[] = [];
    const seen = new Set<T>();
    const pending: { node: T; rest: Iterator<T> }[] = [];
    const enter = (node: T) => {
      if (seen.has(node)) return;
      seen.add(node);
      pending.push({ node, rest: this.#before.get(node)!.values() });
    };
    for (const node of nodes) {
      enter(node);
      for (let top = pending.at(-1); top; top = pending.at(-1)) {
        const next = top.rest.next();
        if (next.done) {
          result.push(top.node);
          pending.pop();
        } else {
          enter(next.value);
        }
      }
    }
    return result;
  }
}
