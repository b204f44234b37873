import { init } from "cotangent";
import { ops, selfTest } from "cotangent/check";
import { expect, test } from "vitest";
import { backends } from "../backends.ts";

test("the registry names every op, its kind and how it is differentiated", () => {
  expect(ops.length).toBeGreaterThan(100);
  for (const op of ops) expect(Object.keys(op)).toEqual(expect.arrayContaining(["name", "kind"]));
  const names = ops.map((op) => op.name);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(expect.arrayContaining(["matmul", "tanh", "softmax", "gather", "sum"]));
});

// All ops take minutes on a software adapter; the page for it runs them all.
test.each(backends)(
  "selfTest on %s",
  async (backend) => {
    await init({ backend });
    const only = ["add", "tanh", "matmul", "sum", "transpose"];
    const seen: number[] = [];
    const report = await selfTest({ only, onProgress: (done) => seen.push(done) });
    expect(new Set(report.map((r) => r.op))).toEqual(new Set(only));
    for (const { op, kernel, shapes, ulps, relative, tolerance, ok, failure } of report) {
      expect(ok, `${op}: ${ulps} ulps`).toBe(true);
      expect(relative).toBeLessThanOrEqual(tolerance);
      expect(tolerance).toBeLessThan(1e-4);
      expect(failure).toBeUndefined();
      expect([typeof kernel, typeof relative, Array.isArray(shapes)]).toEqual([
        "string",
        "number",
        true,
      ]);
    }
    expect(seen).toHaveLength(report.length);
  },
  180_000,
);

test.each(backends)("selfTest on %s has several cases under way", async (backend) => {
  await init({ backend });
  let release = () => {};
  const others = new Promise<void>((resolve) => (release = resolve));
  const report = await selfTest({
    only: ["add", "tanh"],
    // The first case is held back until three others are through: alone it would be held for ever.
    onProgress(done) {
      if (done === 1) return others;
      if (done === 4) release();
    },
  });
  // In whatever order they come, the report is in that of the ops.
  expect(report.map(({ op }) => op)).toEqual(report.map(({ op }) => op).toSorted());
});

test.each(backends)("selfTest on %s ends when it is told to", async (backend) => {
  await init({ backend });
  const stop = new AbortController();
  const only = ["add", "tanh", "sum"];
  let heard = 0;
  let total = 0;
  const report = await selfTest({
    only,
    signal: stop.signal,
    onProgress(_, cases) {
      heard++;
      total = cases;
      stop.abort();
    },
  });
  expect(report).toHaveLength(heard);
  expect(new Set(report.map(({ shapes }) => JSON.stringify(shapes))).size).toBeLessThan(total);
  expect(report.every(({ ok }) => ok)).toBe(true);
  expect(await selfTest({ only, signal: stop.signal })).toEqual([]);
});

test("selfTest rejects with what onProgress throws, and goes no further", async () => {
  await init();
  let heard = 0;
  const onProgress = () => {
    heard++;
    throw new Error("enough");
  };
  await expect(selfTest({ only: ["tanh", "exp"], onProgress })).rejects.toThrow("enough");
  await new Promise((done) => setTimeout(done, 200));
  expect(heard).toBeLessThanOrEqual(4);
});

test("what went with a lost device is computed again on the next", async () => {
  const device = await init();
  const only = ["add", "exp", "matmul"];
  const whole = await selfTest({ only });
  let isLost = false;
  const report = await selfTest({
    only,
    onProgress() {
      if (!isLost) device.gpu?.destroy();
      isLost = true;
    },
  });
  expect(report).toEqual(whole);
});

test("an op whose kernel a device refuses is a result that says so, and others are tested", async () => {
  const device = await init();
  const gpu = device.gpu!;
  const make = gpu.createComputePipelineAsync.bind(gpu);
  // As a device refuses that is well; after any other error it is given time to say that it is lost.
  const refusal = Object.assign(new Error("the compiler gave up"), { name: "GPUPipelineError" });
  gpu.createComputePipelineAsync = (descriptor) =>
    descriptor.label?.includes("tanh") ? Promise.reject(refusal) : make(descriptor);
  const report = await selfTest({ only: ["exp", "tanh"] });
  const [good, bad] = ["exp", "tanh"].map((name) => report.filter(({ op }) => op === name));
  expect(good.every(({ ok }) => ok)).toBe(true);
  expect(bad.length).toBeGreaterThan(1);
  for (const { ok, ulps, failure } of bad) {
    expect([ok, ulps]).toEqual([false, Infinity]);
    expect(failure).toContain("the compiler gave up");
  }
});

test("the slope of hardSwish has its digits next to its zero", async () => {
  await init();
  const report = await selfTest({ only: ["hardSwish"] });
  expect(Math.max(...report.map(({ relative }) => relative))).toBeLessThan(2 ** -21);
});
