import { expect, test } from "vitest";
import { callsPerUnit, objectsIn, type Counts } from "../../bench/measure/count.ts";
import { measure, type Bench } from "../../bench/measure/measure.ts";
import type { Library } from "../../bench/library.ts";
import { OWN, ratioTo } from "../../bench/report.ts";
import { spreadOf } from "../../bench/statistics.ts";
import type { Workload } from "../../bench/workloads.ts";

const none: Counts = {
  dispatches: 0,
  submits: 0,
  passes: 0,
  buffers: 0,
  textures: 0,
  bindGroups: 0,
  layouts: 0,
  pipelines: 0,
  shaderModules: 0,
  querySets: 0,
  writes: 0,
  maps: 0,
};

test("quantiles lie between the values", () => {
  expect(spreadOf([4, 1, 3, 2])).toEqual({ min: 1, q1: 1.75, median: 2.5, q3: 3.25, max: 4 });
  expect(spreadOf([7])).toEqual({ min: 7, q1: 7, median: 7, q3: 7, max: 7 });
});

test("what a run does once is not counted as a unit's", async () => {
  const counts = { ...none };
  const perUnit = await callsPerUnit(counts, 5, async (units) => {
    counts.dispatches += 9 * units;
    counts.buffers += 2 * units;
    counts.bindGroups += units;
    counts.submits += units + 1;
    counts.maps += 1;
  });
  expect(perUnit).toEqual({ ...none, dispatches: 9, submits: 1, buffers: 2, bindGroups: 1 });
  expect(objectsIn(perUnit)).toBe(3);
});

/** Computes what is right, 1; no library is called so. */
const REFERENCE = "reference";

/** Takes no part. */
const ABSENT = "absent";

/** A bench of libraries that are known by the value they compute, and the runs in their order. */
function benchOf(values: Record<string, number>) {
  const runs: string[] = [];
  const library = {} as Library;
  const bench: Bench = {
    libraries: new Map(Object.keys(values).map((name) => [name, { ...library }])),
    reference: library,
    counts: { ...none },
    settle: async () => {},
  };
  const nameOf = (sought: Library) =>
    [...bench.libraries].find(([, library]) => library === sought)?.[0] ?? REFERENCE;
  const valueOf = (name: string) => (name === REFERENCE ? 1 : values[name]);
  const workload: Workload = {
    name: "work",
    modes: [{ name: "alone", least: 3, most: 3 }],
    flops: null,
    prepare: async (library) => {
      const name = nameOf(library);
      if (name === ABSENT) return null;
      if (Number.isNaN(valueOf(name))) throw new Error("cannot");
      return {
        values: [valueOf(name)],
        chunkOf: () => 1,
        run: async (_, units) => {
          if (units === 3) runs.push(name);
          await new Promise((done) => setTimeout(done, 2));
        },
      };
    },
  };
  const effort = { rounds: 3, run: 0, row: 1e9 };
  return { runs, rows: () => measure(bench, workload, workload.modes, effort) };
}

test("libraries take turns, each round beginning with another", async () => {
  const { runs, rows } = benchOf({ a: 1, b: 1, c: 1 });
  const [row] = await rows();
  expect(runs.slice(0, 9).join("")).toBe("abcbcacab");
  expect(Object.values(row.results).map(({ samples }) => samples.length)).toEqual([3, 3, 3]);
});

test("a library that computes something else, or fails, is marked and compared with none", async () => {
  const { rows } = benchOf({ [OWN]: 1.0005, off: 1.002, broken: NaN, right: 0.9995, [ABSENT]: 0 });
  const [row] = await rows();
  expect(row.results[ABSENT]).toBeUndefined();
  expect(row.results[OWN].wrong).toBeNull();
  expect(row.results["off"].wrong).toBe("1.002 where 1 is right");
  expect(row.results["broken"]).toEqual({ samples: [], counts: null, wrong: "cannot" });
  expect(ratioTo("off", row)).toBeNull();
  expect(ratioTo("broken", row)).toBeNull();
  expect(ratioTo("right", row)?.median).toBeGreaterThan(0);
});

test("ratios are those of the rounds that both were in", () => {
  const result = (samples: number[]) => ({ samples, counts: null, wrong: null });
  const results = { [OWN]: result([1, 2, 4]), peer: result([3, 4]) };
  const row = { workload: "work", mode: "", flops: null, units: 1, results };
  expect(ratioTo("peer", row)).toEqual(spreadOf([3, 2]));
  results[OWN].samples.length = 1;
  expect(ratioTo("peer", row)).toEqual(spreadOf([3]));
});
