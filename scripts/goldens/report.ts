import type { Failure } from "./compare.ts";
import type { Case } from "./format.ts";
import type { Outcome } from "./run.ts";

/** What became of the cases of one group. */
export class GroupReport {
  readonly group: string;
  readonly counts = { passed: 0, failed: 0, unsupported: 0 };
  readonly unsupported = new Map<string, number>();
  unchecked = 0;

  constructor(group: string) {
    this.group = group;
  }

  /** Counts a case; returns a line for each thing wrong with it. */
  add(c: Case, { status, failures, error, unchecked }: Outcome): string[] {
    this.counts[status]++;
    this.unchecked += unchecked.length;
    if (status === "unsupported") {
      this.unsupported.set(c.op, (this.unsupported.get(c.op) ?? 0) + 1);
    }
    const place = `FAILED ${c.group}/${c.id}`;
    if (error !== undefined) return [`${place}: ${error}`];
    return failures.map((failure) => `${place} ${lineOf(failure)}`);
  }

  /** Counts a group that cannot be read as one failure; returns a line for it. */
  addUnreadable(group: string, error: unknown): string {
    this.counts.failed++;
    return `FAILED ${group}: ${error instanceof Error ? error.message : error}`;
  }

  /** The counts, and what could not be done. */
  toString(): string {
    const { passed, failed, unsupported } = this.counts;
    const ops = [...this.unsupported].map(([op, n]) => (n === 1 ? op : `${op} × ${n}`));
    const notes = [
      ops.length > 0 ? `unsupported: ${ops.join(", ")}` : "",
      this.unchecked > 0 ? `${this.unchecked} parts not checked` : "",
    ].filter(Boolean);
    const cells = [
      this.group.padEnd(22),
      `${passed} passed`.padStart(11),
      `${failed} failed`.padStart(10),
      `${unsupported} unsupported`.padStart(15),
    ];
    return `${cells.join("  ")}  ${notes.join("; ")}`.trimEnd();
  }
}

function lineOf({ part, index, got, expected, tolerance, count }: Failure): string {
  const others = count > 1 ? ` (and ${count - 1} more elements)` : "";
  return `${part}[${index}]: got ${got}, expected ${expected} ± ${tolerance}${others}`;
}
