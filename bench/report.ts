import type { AdapterName } from "./measure/devices.ts";
import type { Row } from "./measure/measure.ts";
import type { Compilation } from "./measure/pipelines.ts";
import { spreadOf, type Spread } from "./statistics.ts";

/** The bytes of the scripts that a page loads to train. */
export interface Size {
  minified: number;
  gzip: number;
}

/** All that a run of the bench found; what is written as JSON. */
export interface Report {
  date: string;
  host: string;
  adapter: AdapterName;
  /** Versions by name; null for a peer that is not installed. */
  libraries: Record<string, string | null>;
  rows: Row[];
  /** The bytes of the scripts that train, by bundler and library. */
  sizes: Record<string, Record<string, Size>>;
  /** How long our pipelines take to compile, by network. */
  compilations: Record<string, Compilation[]>;
}

export const OWN = "cotangent";

/** How many times as long a peer takes, in each round that both were in; null where there is nothing to compare. */
export function ratioTo(peer: string, { results }: Row): Spread | null {
  const [own, other] = [results[OWN], results[peer]];
  if (!own?.samples.length || !other?.samples.length || own.wrong || other.wrong) return null;
  const rounds = Math.min(own.samples.length, other.samples.length);
  return spreadOf(other.samples.slice(0, rounds).map((time, i) => time / own.samples[i]));
}

/** The report with the spread of every row and ratio beside the samples. */
export function withSpreads({ rows, ...rest }: Report): object {
  const spreads = (row: Row) =>
    Object.fromEntries(
      Object.entries(row.results).map(([name, result]) => [
        name,
        {
          ...result,
          spread: result.samples.length > 0 ? spreadOf(result.samples) : null,
          timesOwn: name === OWN ? null : ratioTo(name, row),
        },
      ]),
    );
  return { ...rest, rows: rows.map((row) => ({ ...row, results: spreads(row) })) };
}
