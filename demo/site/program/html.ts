import { escapeHtml } from "../code.ts";

/** What stands below a program that can be run: a button, how long it took, and room for the lines that it writes. */
export function runHtml(title: string, lines: number): string {
  const name = escapeHtml(title);
  return `<div class="run">
<button type="button" disabled aria-label="Run the program: ${name}">Run</button>
<div class="hint" data-longest="1234 ms on NVIDIA GeForce RTX 4090, the making of its GPU programs included.">
<p role="status"></p>
</div>
</div>
<output style="--lines: ${lines}" tabindex="0" aria-label="What the program writes: ${name}"></output>`;
}
