const width = 24;

/** A line that is overwritten until it is final; where there is no terminal, only what is final shows. */
export class ProgressLine {
  readonly #terminal = process.stdout.isTTY;

  show(text: string): void {
    // Erase what an earlier, longer line left.
    if (this.#terminal) process.stdout.write(`\r${text}\x1b[K`);
  }

  finish(text: string): void {
    this.show(text);
    process.stdout.write(this.#terminal ? "\n" : `${text}\n`);
  }
}

/** A share from 0 to 1 as a bar of characters. */
export function bar(share: number): string {
  const full = Math.round(share * width);
  return "█".repeat(full) + "░".repeat(width - full);
}
