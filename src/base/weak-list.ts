/** Objects that the list does not keep alive. Those collected are dropped now and then, so that it grows with the rest. */
export class WeakList<T extends object> implements Iterable<T> {
  #refs: WeakRef<T>[] = [];
  /** The length at which it is looked through next. */
  #limit = 64;

  add(value: T): void {
    this.#refs.push(new WeakRef(value));
    if (this.#refs.length < this.#limit) return;
    this.#refs = this.#refs.filter((ref) => ref.deref());
    this.#limit = Math.max(64, 2 * this.#refs.length);
  }

  /** Counts those that may have been collected meanwhile too. */
  get length(): number {
    return this.#refs.length;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const ref of this.#refs) {
      const value = ref.deref();
      if (value) yield value;
    }
  }
}
