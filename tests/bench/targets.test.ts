import { expect, test } from "vitest";
import { tasks } from "../../bench/data.ts";
import type { Row } from "../../bench/measure/measure.ts";
import { OWN, type Report } from "../../bench/report.ts";
import { targetsOf } from "../../bench/targets.ts";

/** A row in which a peer takes so many times as long, in each of two rounds. */
function rowOf(workload: string, peers: Record<string, number>, wrong: string | null = null): Row {
  const result = (time: number) => ({ samples: [time, 2 * time], counts: null, wrong });
  const others = Object.entries(peers).map(([name, ratio]) => [name, result(3 * ratio)]);
  const results = { [OWN]: result(3), ...Object.fromEntries(others) };
  return { workload, mode: "", flops: null, units: 1, results };
}

const reportOf = (rows: Row[]): Report => ({
  date: "",
  host: "",
  adapter: { vendor: "", architecture: "", device: "", description: "", software: false },
  libraries: {},
  rows,
  sizes: {},
  compilations: {},
});

const judge = (...rows: Row[]) =>
  targetsOf(reportOf(rows)).map(({ name, found, pass }) => `${name}: ${found}, ${pass}`);

test("a peer's time is held against a share of it", () => {
  expect(judge(rowOf("CNN 28x28, batch 32", { "jax-js": 5, tfjs: 10 }))).toEqual([
    "CNN 28x28, batch 32: at most 0.25 of jax-js's time: 0.20 (0.20-0.20), true",
    "CNN 28x28, batch 32: at most 0.050 of tfjs's time: 0.10 (0.10-0.10), false",
  ]);
});

test("a computation has one target, unless the peer is missing or wrong", () => {
  for (const task of Object.keys(tasks)) {
    expect(judge(rowOf(task, { "jax-js": 4, tfjs: 1 })), task).toHaveLength(1);
    expect(judge(rowOf(task, { "jax-js": 0.99 }))[0], task).toMatch(/false$/);
    expect(judge(rowOf(task, { tfjs: 4 }))).toEqual([]);
    expect(judge(rowOf(task, { "jax-js": 4 }, "1 where 2 is right"))).toEqual([]);
  }
});
