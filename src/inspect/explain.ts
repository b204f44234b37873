import { show } from "../base/shape.ts";
import type { Plan } from "../graph/backend.ts";

/** A plan as a table: a line for each dispatch, and the peak memory. */
export function explainPlan(plan: Plan): string {
  const rows = plan.dispatches.map((d, i) => [
    `${i + 1}`,
    d.kernel,
    d.shapes.map(show).join(" "),
    `${amount(d.flops)}flop`,
    `${amount(d.bytes)}B`,
    d.ops.join(" "),
  ]);
  const header = ["", "kernel", "writes", "", "", "ops"];
  const widths = header.map((h, c) => Math.max(h.length, ...rows.map((r) => r[c].length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, c) =>
        c === 0 || c === 3 || c === 4 ? cell.padStart(widths[c]) : cell.padEnd(widths[c]),
      )
      .join("  ")
      .trimEnd();
  const peak = Math.max(0, ...plan.memory);
  const total = plan.dispatches.reduce((sum, d) => sum + d.flops, 0);
  return [
    line(header),
    ...rows.map(line),
    `${rows.length} ${rows.length === 1 ? "dispatch" : "dispatches"}, ${amount(total)}flop, peak memory ${amount(peak)}B`,
  ].join("\n");
}

/** "1.23 M": three digits and a decimal prefix. */
export function amount(value: number): string {
  const prefixes = ["", "k", "M", "G", "T"];
  let i = 0;
  for (; value >= 1000 && i < prefixes.length - 1; i++) value /= 1000;
  const digits = i === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${prefixes[i]}`;
}
