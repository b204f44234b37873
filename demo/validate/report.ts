import type { SelfTestResult } from "cotangent/check";
import type { Band } from "../recipes/bands.ts";
import type { Machine, RecipeRow } from "./protocol.ts";
import { shareOf, ulpsText } from "./tally.ts";

/** What a report is made of. */
interface Findings {
  version: string;
  browser: string;
  machine: Machine | null;
  results: readonly SelfTestResult[];
  /** Whether all that was to be tested has been. */
  isWhole: boolean;
  recipes: readonly RecipeRow[];
}

/** How many of the largest errors are told where nothing is wrong. */
const mostWorst = 5;

const shapes = (result: SelfTestResult) => result.shapes.map((shape) => `[${shape}]`).join(" ");

const lineOf = (result: SelfTestResult): string =>
  [
    `  ${result.op} ${result.of} ${shapes(result)}: `,
    result.failure ??
      `${ulpsText(result)}, relative ${result.relative.toExponential(2)}, limit ${result.tolerance.toExponential(2)}`,
    result.kernel && ` (${result.kernel})`,
  ].join("");

const bandText = ({ value, low, high }: Band): string =>
  `${value.toFixed(4)} (${low.toFixed(4)} to ${high.toFixed(4)})`;

const recipeLine = (row: RecipeRow): string =>
  "verdict" in row
    ? `  ${row.title}: ${row.verdict.inside ? "inside" : "OUTSIDE"} PyTorch's bands: loss ${bandText(row.verdict.loss)}, accuracy ${bandText(row.verdict.accuracy)}`
    : `  ${row.title}, seed ${row.seed}, epoch ${row.result.epoch}: loss ${row.result.trainLoss.toFixed(4)}, accuracy ${row.result.testAccuracy.toFixed(4)}`;

const table = (entries: object) =>
  Object.entries(entries).map(([name, value]) => `  ${name}: ${String(value)}`);

/** What somebody who is to mend it has to know, as text. */
export function reportOf(findings: Findings): string {
  const { version, browser, machine, results, isWhole, recipes } = findings;
  const wrong = results.filter(({ ok }) => !ok);
  const worst = results.toSorted((a, b) => shareOf(b) - shareOf(a)).slice(0, mostWorst);
  const ops = new Set(results.map(({ op }) => op)).size;
  return [
    `Cotangent ${version}`,
    `Browser: ${browser}`,
    "Adapter:",
    ...table(machine?.adapter ?? {}),
    `Comparisons with float64: ${results.length} of ${ops} ops${isWhole ? "" : ", not all"}; ${wrong.length} wrong`,
    ...wrong.map(lineOf),
    ...(results.length > 0 ? ["Largest errors:", ...worst.map(lineOf)] : []),
    ...(recipes.length > 0 ? ["MNIST:", ...recipes.map(recipeLine)] : []),
    `Features: ${machine?.info.features.toSorted().join(", ") ?? ""}`,
    "Limits:",
    ...table(machine?.info.limits ?? {}),
  ].join("\n");
}
