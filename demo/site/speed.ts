const window = 2;

/** Steps per second over the last two seconds of training. */
export class Speed {
  #chunks: { steps: number; seconds: number }[] = [];
  #cold = true;

  /** Counts steps; the first ones, which compile shaders, tell nothing. */
  add(steps: number, seconds: number): void {
    if (!this.#cold) this.#chunks.push({ steps, seconds });
    this.#cold = false;
    let total = 0;
    const old = this.#chunks.findLastIndex((chunk) => (total += chunk.seconds) > window);
    if (old > 0) this.#chunks.splice(0, old);
  }

  /** The speed in digits that mean something; a dash before it is known. */
  get text(): string {
    if (this.#chunks.length === 0) return "–";
    const sum = (key: "steps" | "seconds") => this.#chunks.reduce((s, chunk) => s + chunk[key], 0);
    const speed = sum("steps") / sum("seconds");
    return speed.toLocaleString("en", { minimumSignificantDigits: 3, maximumSignificantDigits: 3 });
  }
}
