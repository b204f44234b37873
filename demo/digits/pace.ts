// A chunk of steps that takes longer makes the page sluggish; a shorter one wastes time on reading.
const shortest = 0.035;
const longest = 0.1;
const mostSteps = 64;

/** Decides how many steps to make at a time and how often to look at the test digits. */
export class Pace {
  #chunk = 1;
  #warm = false;
  #examWarm = false;
  #examSeconds = 0;
  #sinceExam = 0;

  /** Steps to make next, at most so many. */
  steps(limit: number): number {
    return Math.min(this.#chunk, limit);
  }

  /** Notes what n steps took. The first of all, like the first exam, compile shaders: their time tells nothing. */
  made(n: number, seconds: number): void {
    this.#sinceExam += seconds;
    if (this.#warm && n === this.#chunk) {
      if (seconds < shortest) this.#chunk = Math.min(2 * n, mostSteps);
      else if (seconds > longest) this.#chunk = Math.max(1, n >> 1);
    }
    this.#warm = true;
  }

  examined(seconds: number): void {
    if (this.#examWarm) this.#examSeconds = seconds;
    this.#examWarm = true;
    this.#sinceExam = 0;
  }

  /** Whether there has been enough training for another exam to cost little beside it. */
  get examDue(): boolean {
    return this.#sinceExam > Math.max(0.3, 8 * this.#examSeconds);
  }
}
