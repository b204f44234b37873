// A chunk of steps that takes longer makes the page sluggish; a shorter one wastes time on reading.
const shortest = 0.025;
const longest = 0.08;
const mostSteps = 256;

// Whoever watches wants to know, however long a look takes.
const longestWithoutLook = 3;

/** Decides how many steps to make at a time, and how often to look at how far they have led. */
export class Pace {
  #chunk = 1;
  #isWarm = false;
  #lookSeconds = 0;
  #hasLooked = false;
  #sinceLook = 0;

  /** Steps to make next, at most so many. */
  steps(limit: number): number {
    return Math.min(this.#chunk, limit);
  }

  /** Notes what n steps took. The first of all makes shaders: its time tells nothing. */
  made(n: number, seconds: number): void {
    this.#sinceLook += seconds;
    if (this.#isWarm && n === this.#chunk) {
      if (seconds < shortest) this.#chunk = Math.min(2 * n, mostSteps);
      else if (seconds > longest) this.#chunk = Math.max(1, n >> 1);
    }
    this.#isWarm = true;
  }

  looked(seconds: number): void {
    if (this.#hasLooked) this.#lookSeconds = seconds;
    this.#hasLooked = true;
    this.#sinceLook = 0;
  }

  /** Whether there has been enough training for another look to cost little beside it. */
  get lookDue(): boolean {
    return this.#sinceLook > Math.min(Math.max(0.3, 8 * this.#lookSeconds), longestWithoutLook);
  }
}
