import { getOrMake } from "../../base/maps.ts";
import type { Position } from "./device/copy.ts";

/** The most placements for which something is kept. */
const MOST_KEPT = 64;
/** What was not used for so many runs makes room; sooner, a loop over many batches would make all anew in each turn. */
const LONGEST_UNUSED = 4096;

let buffers = 0;
const numbers = new WeakMap<GPUBuffer, number>();

/** A number that no other buffer has. */
const numberOf = (buffer: GPUBuffer): number => getOrMake(numbers, buffer, () => buffers++);

/** What is made for arguments that lie here or there, kept for the next run that finds them there. */
export class Placements<T> {
  readonly #kept = new Map<string, { made: T; lastRun: number }>();
  #runs = 0;

  /** What belongs to these places, null standing for an argument that has none of its own; null where all room is in use. */
  of(places: readonly (Position | null)[], make: () => T): T | null {
    this.#runs++;
    const key = places.map((p) => (p ? `${numberOf(p.buffer)}:${p.offset}` : "")).join();
    const known = this.#kept.get(key);
    if (!known && this.#kept.size >= MOST_KEPT && !this.#makeRoom()) return null;
    const { made } = known ?? { made: make() };
    this.#kept.set(key, { made, lastRun: this.#runs });
    return made;
  }

  #makeRoom(): boolean {
    const unused = [...this.#kept].filter(
      ([, { lastRun }]) => this.#runs - lastRun > LONGEST_UNUSED,
    );
    for (const [key] of unused) this.#kept.delete(key);
    return unused.length > 0;
  }
}
