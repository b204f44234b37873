import type { SelfTestResult } from "cotangent/check";

/** All comparisons of an op, or of a kernel. */
export interface Tally {
  name: string;
  results: readonly SelfTestResult[];
  /** That with the largest share. */
  worst: SelfTestResult | null;
}

/** An error as a share of what rounding explains; above 1 it is something else. */
export function shareOf({ relative, tolerance, ok }: SelfTestResult): number {
  if (relative === 0) return 0;
  return ok || tolerance > 0 ? relative / tolerance : Infinity;
}

const worse = (a: SelfTestResult | null, b: SelfTestResult) =>
  a === null || shareOf(b) > shareOf(a) ? b : a;

const kernelsOf = ({ kernel }: SelfTestResult) => kernel.split("; ").filter(Boolean);

/** A row for each op, of which there may be no result yet, or for each kernel that has run. */
export function tallies(
  by: "op" | "kernel",
  ops: readonly string[],
  results: readonly SelfTestResult[],
): readonly Tally[] {
  const groups = new Map<string, SelfTestResult[]>(
    by === "op" ? ops.map((name) => [name, []]) : [],
  );
  for (const result of results) {
    for (const name of by === "op" ? [result.op] : kernelsOf(result)) {
      const group = groups.get(name);
      if (group) group.push(result);
      else if (by === "kernel") groups.set(name, [result]);
    }
  }
  const rows = [...groups].map(([name, own]): Tally => ({
    name,
    results: own,
    worst: own.reduce(worse, null),
  }));
  return by === "op" ? rows : rows.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** An error in units in the last place, in the digits that matter. */
export const ulpsText = ({ ulps, failure }: SelfTestResult): string =>
  failure === undefined
    ? `${Number(ulps.toPrecision(2)).toLocaleString("en")} ulp`
    : "not computed";
