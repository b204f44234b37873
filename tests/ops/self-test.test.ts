import { afterAll, beforeAll, expect, test } from "vitest";
import { init, type Device } from "cotangent";
import { ops, selfTest } from "cotangent/check";

let device: Device;
beforeAll(async () => {
  device = await init();
});
afterAll(() => device.dispose());

// Kernels are compiled for every case: what takes long on a software adapter is that.
test.each(ops.map(({ name }) => name))(
  "%s: values and gradients are the reference's",
  async (name) => {
    const report = await selfTest({ only: [name] });
    expect(report.length).toBeGreaterThan(0);
    expect(report.filter(({ ok }) => !ok)).toEqual([]);
  },
  120_000,
);
