import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { output } from "./build.ts";
import { classifier } from "./data.ts";
import type { Host } from "./hosts/host.ts";
import { deviation, messageOf, type Result, type Row } from "./measure/measure.ts";
import { lossesOf } from "./reference.ts";
import type { Size } from "./report.ts";

export const FIRST_STEP = "import to first step";

async function sizeOf(files: readonly string[]): Promise<Size> {
  const contents = await Promise.all(files.map((file) => readFile(join(output, file))));
  const sum = (sizes: number[]) => sizes.reduce((total, size) => total + size, 0);
  return {
    minified: sum(contents.map((code) => code.length)),
    gzip: sum(contents.map((code) => gzipSync(code, { level: 9 }).length)),
  };
}

/** Times the first step, and weighs the scripts that were loaded for it. */
export async function measureFirstStep(
  host: Host,
  libraries: readonly string[],
  rounds: number,
): Promise<{ row: Row; sizes: Record<string, Size> }> {
  const expected = lossesOf(classifier(64), 1);
  const results: Record<string, Result> = {};
  const sizes: Record<string, Size> = {};
  for (let round = 0; round < rounds; round++) {
    for (const i of libraries.keys()) {
      const name = libraries[(i + round) % libraries.length];
      const result = (results[name] ??= { samples: [], counts: null, wrong: null });
      try {
        const { milliseconds, loss, files } = await host.firstStep(name);
        result.samples.push(milliseconds);
        result.wrong ??= deviation([loss], expected);
        sizes[name] ??= await sizeOf(files);
      } catch (error) {
        result.wrong = messageOf(error);
      }
    }
  }
  const row = { workload: FIRST_STEP, mode: "fresh page", flops: null, units: 1, results };
  return { row, sizes };
}
