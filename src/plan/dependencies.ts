/** What is ordered, with what it waits for and what waits for it. */
interface Node<T> {
  readonly value: T;
  readonly before: Set<Node<T>>;
  readonly after: Set<Node<T>>;
  level: number;
  /** The last search that came by. */
  seen: number;
}

/**
 * Who waits for whom. Every node has a level above those of all that it waits for, so a search for one of them ends
 * where the levels fall below its own.
 */
export class Dependencies<T> {
  readonly #nodes = new Map<T, Node<T>>();
  #searches = 0;

  constructor(values: readonly T[]) {
    for (const value of values) this.#insert(value);
  }

  #insert(value: T): Node<T> {
    const node: Node<T> = { value, before: new Set(), after: new Set(), level: 0, seen: 0 };
    this.#nodes.set(value, node);
    return node;
  }

  #of(value: T): Node<T> {
    return this.#nodes.get(value)!;
  }

  /** Makes `then` wait for `first`, which does not wait for it. */
  add(first: T, then: T): void {
    if (first !== then) link(this.#of(first), this.#of(then));
  }

  /** What a node waits for directly. */
  before(node: T): T[] {
    return Array.from(this.#of(node).before, ({ value }) => value);
  }

  /** Whether `node` waits for `first`, directly or through others. */
  waits(node: T, first: T): boolean {
    const [from, to] = [this.#of(node), this.#of(first)];
    const search = ++this.#searches;
    const pending = from.level > to.level ? [from] : [];
    for (let next = pending.pop(); next; next = pending.pop()) {
      if (next.before.has(to)) return true;
      for (const earlier of next.before) {
        if (earlier.level <= to.level || earlier.seen === search) continue;
        earlier.seen = search;
        pending.push(earlier);
      }
    }
    return false;
  }

  /** As many of some nodes as none waits for another, those chosen first that wait for least. */
  independent(values: readonly T[]): T[] {
    const candidates = values.map((value) => this.#of(value)).sort((a, b) => a.level - b.level);
    const highest = candidates.at(-1)?.level ?? 0;
    const search = ++this.#searches;
    /** Marks all that waits for a node. */
    const mark = (chosen: Node<T>) => {
      const pending = [chosen];
      for (let next = pending.pop(); next; next = pending.pop()) {
        for (const later of next.after) {
          if (later.seen === search || later.level > highest) continue;
          later.seen = search;
          pending.push(later);
        }
      }
    };
    const chosen: T[] = [];
    for (const node of candidates) {
      if (node.seen === search) continue;
      mark(node);
      chosen.push(node.value);
    }
    return chosen;
  }

  /** Puts one node in the place of several, none of which waits for another. */
  merge(old: readonly T[], merged: T): void {
    const nodes = old.map((value) => this.#of(value));
    for (const value of old) this.#nodes.delete(value);
    const united = this.#insert(merged);
    united.level = Math.max(...nodes.map(({ level }) => level));
    for (const node of nodes) {
      for (const first of node.before) {
        first.after.delete(node);
        link(first, united);
      }
      for (const then of node.after) {
        then.before.delete(node);
        link(united, then);
      }
    }
  }

  /** The nodes, each behind all that it waits for; otherwise in the order given. */
  sorted(values: readonly T[]): T[] {
    const result: T[] = [];
    const search = ++this.#searches;
    const pending: { node: Node<T>; rest: Iterator<Node<T>> }[] = [];
    const enter = (node: Node<T>) => {
      if (node.seen === search) return;
      node.seen = search;
      pending.push({ node, rest: node.before.values() });
    };
    for (const value of values) {
      enter(this.#of(value));
      for (let top = pending.at(-1); top; top = pending.at(-1)) {
        const next = top.rest.next();
        if (next.done) {
          result.push(top.node.value);
          pending.pop();
        } else {
          enter(next.value);
        }
      }
    }
    return result;
  }
}

/** Makes `then` wait for `first`, and raises it and all that waits for it above that. */
function link<T>(first: Node<T>, then: Node<T>): void {
  first.after.add(then);
  then.before.add(first);
  if (then.level > first.level) return;
  then.level = first.level + 1;
  const pending = [then];
  for (let next = pending.pop(); next; next = pending.pop()) {
    for (const later of next.after) {
      if (later.level > next.level) continue;
      later.level = next.level + 1;
      pending.push(later);
    }
  }
}
