import { init } from "cotangent";
import { describe, expect, test } from "vitest";
import { groupsIn, readGroup, type Case } from "../../scripts/goldens/format.ts";
import { GroupReport } from "../../scripts/goldens/report.ts";
import { runCase } from "../../scripts/goldens/run.ts";
import { backends } from "../backends.ts";

const folder = import.meta.dirname;

/** tests/optim and tests/nn follow these on both backends. */
const elsewhere = ["optim", "softmax_loss", "train"];
const groups = (await groupsIn(folder)).filter((group) => !elsewhere.includes(group));

/** Of single ops, which `selfTest` and the laws compare with the reference on every driver. */
const single = ["activation", "binary", "index", "large", "matmul", "reduce", "unary"];

/** On a GPU, where each case is compiled, the first of every op. */
const isFirst = (c: Case, i: number, all: Case[]) => all.findIndex(({ op }) => op === c.op) === i;

describe.each(backends)("goldens on %s", (backend) => {
  const own = groups.filter((group) => backend === "cpu" || !single.includes(group));
  test.each(own)("%s", { timeout: 300_000 }, async (group) => {
    const device = await init({ backend });
    const cases = await readGroup(folder, group);
    const report = new GroupReport(group);
    const wrong: string[] = [];
    for (const c of backend === "cpu" ? cases : cases.filter(isFirst)) {
      wrong.push(...report.add(c, await runCase(c, backend)));
    }
    device.dispose();
    expect(wrong).toEqual([]);
    expect(report.counts.unsupported).toBe(0);
    expect(report.counts.passed).toBeGreaterThan(0);
  });
});
