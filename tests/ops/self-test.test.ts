import { afterAll, beforeAll, expect, test } from "vitest";
import { init, type Device } from "cotangent";
import { ops, selfTest } from "cotangent/check";
import { host } from "../host.ts";

let device: Device;
beforeAll(async () => {
  device = await init();
});
afterAll(() => device.dispose());

/** With kernels of their own, written by hand. */
const byHand = ["cholesky", "lu", "matmul", "scatterAdd", "sort", "topK", "triangularSolve"];

// Kernels are compiled for every case: what takes long on a software adapter is that. Chromium's driver is SwiftShader, so
// of the other ops one half is tested on it there, and one half in Node.
const names = ops
  .map(({ name }) => name)
  .filter(
    (name, i) => host === "node" || byHand.includes(name) || i % 2 === Number(host === "chromium"),
  );

test.each(names)(
  "%s: values and gradients are the reference's",
  async (name) => {
    const report = await selfTest({ only: [name] });
    expect(report.length).toBeGreaterThan(0);
    expect(report.filter(({ ok }) => !ok)).toEqual([]);
  },
  120_000,
);
