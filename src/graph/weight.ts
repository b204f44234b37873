const LIGHTEST = 64 * 1024;
const HEAVIEST = 64 * 1024 * 1024;
/** Bytes of the newest values that weigh nothing yet. */
const NEWEST = 32 * 1024 * 1024;

/** What weighs nothing yet, oldest first. */
const newest = new Set<Weight>();
let light = 0;

/**
 * Makes what holds it about as heavy for the garbage collector as a value is on its device. A tensor is a few hundred
 * bytes to the collector, which would let gigabytes pile up there before it ran; it does run when array buffers pile up.
 * Those are not free: some hosts clear memory that they have used before, which takes longer than a kernel. So a value
 * is weighed down only once others have followed, and not at all where it has been disposed of by then.
 */
export class Weight {
  /** Memory that is never touched. */
  memory: ArrayBuffer | null = null;
  readonly #bytes: number;

  private constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** The weight of a value of this size; none where it is small. */
  static of(bytes: number): Weight | undefined {
    if (bytes < LIGHTEST) return undefined;
    const weight = new Weight(bytes);
    newest.add(weight);
    light += bytes;
    for (const oldest of newest) {
      if (light <= NEWEST || oldest === weight) break;
      oldest.#leaveNewest();
      oldest.#load();
    }
    return weight;
  }

  /** The value has gone. */
  lift(): void {
    this.#leaveNewest();
    this.memory = null;
  }

  #leaveNewest(): void {
    if (newest.delete(this)) light -= this.#bytes;
  }

  #load(): void {
    try {
      this.memory = new ArrayBuffer(Math.min(this.#bytes, HEAVIEST));
    } catch {
      // No address space left: the collector has run by now.
    }
  }
}
