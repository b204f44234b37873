import {
  GradientError,
  gradients,
  init,
  tensor,
  variable,
  type Device,
  type Tensor,
} from "cotangent";
import { beforeEach, describe, expect, test } from "vitest";
import { backends } from "../backends.ts";
import { collectGarbage } from "./collect.ts";

// A loss that was read can still be differentiated; a loop that keeps its losses keeps neither all their graphs nor all
// values that its variables had.

/** Losses of which it is known how they were computed: those of the last 64 runs, and one that waits. */
const withHistory = (losses: readonly Tensor[]) => losses.filter(({ made }) => made).length;
const most = 65;

/** The collector tells what it has let go when it comes to it. */
const patience = { timeout: 10_000 };

describe.each(backends)("a loop that keeps its losses on %s", (backend) => {
  let device: Device;

  beforeEach(async () => {
    device = await init({ backend });
  });

  test("stays flat, and the last of them can be differentiated", async () => {
    const w = variable(new Float32Array(1000).fill(1));
    const losses: Tensor[] = [];
    const turn = async (n: number) => {
      for (let i = 0; i < n; i++) {
        const loss = w.mul(2).square().mean();
        w.assign(w.mul(0.999));
        losses.push(loss);
        await loss.data();
      }
      await collectGarbage();
      return { bytes: process.memoryUsage().heapUsed, device: device.memory() };
    };
    await turn(150);
    const before = await turn(150);
    await turn(150);
    // Whatever the collector does.
    expect(withHistory(losses)).toBeLessThanOrEqual(most);
    const more = (what: (now: typeof before) => number) =>
      expect.poll(async () => what(await turn(0)) - what(before), patience);
    await more(({ device: { bytes } }) => bytes).toBeLessThan(2 ** 17);
    // A loss is a tensor, and a number on the device.
    await more(({ device: { tensors } }) => tensors).toBeLessThanOrEqual(152);
    await more(({ bytes }) => bytes).toBeLessThan(1e6);
    expect(await losses[0].item()).toBe(4);
    expect(() => gradients(losses[0], [w])).toThrow(GradientError);
    expect(() => gradients(losses[300].mul(w.sum()), [w])).toThrow(/assigned many times since/);
    expect((await gradients(losses[300].mul(w.sum()), [variable(1)])[0].data())[0]).toBe(0);
    const [g] = gradients(losses[440], [w]);
    expect((await g.data())[0]).toBeCloseTo((8 * 0.999 ** 440) / 1000, 6);
  });

  test("stays flat where two values are assigned between reads", async () => {
    const w = variable(new Float32Array(1000).fill(1));
    const losses: Tensor[] = [];
    const turn = async (n: number) => {
      for (let i = 0; i < n; i++) {
        w.assign(w.mul(0.999));
        losses.push(w.square().mean());
        w.assign(w.add(0.001));
        await losses.at(-1)!.data();
        // Where runs are short, more of them fit between two collections, and more old values wait for one.
        if (i % 20 === 0) await collectGarbage(1);
      }
      await collectGarbage();
      return device.memory();
    };
    await turn(150);
    const before = await turn(0);
    await turn(100);
    expect(withHistory(losses)).toBeLessThanOrEqual(most);
    const more = async (what: "bytes" | "tensors") => (await turn(0))[what] - before[what];
    await expect.poll(() => more("bytes"), patience).toBeLessThan(2 ** 17);
    await expect.poll(() => more("tensors"), patience).toBeLessThanOrEqual(102);
    expect(() => gradients(losses[0], [w])).toThrow(GradientError);
    expect((await gradients(losses.at(-1)!, [w])[0].data())[0]).toBeCloseTo(0.002, 4);
  });

  test("keeps large values of the last run alone", async () => {
    const w = variable(new Float32Array(2 ** 22)); // 16 MiB
    const losses: Tensor[] = [];
    for (let i = 0; i < 6; i++) {
      losses.push(w.sum());
      w.assign(w.add(1));
      await losses.at(-1)!.data();
    }
    await collectGarbage();
    expect(device.memory().tensors).toBeLessThanOrEqual(6 + 5);
    expect(() => gradients(losses[0], [w])).toThrow(GradientError);
    expect((await gradients(losses[5].square(), [w])[0].data())[0]).toBe(2 * 5 * 2 ** 22);
  });

  test("lets no history go that read other variables, and is no error for tensors beside it", async () => {
    const [w, v] = [variable(1), variable(3)];
    const [x, y] = [tensor(5), tensor(4)];
    // w was assigned from v, and no derivative passes that.
    w.assign(v.mul(2));
    const early = w.mul(2);
    const old = v.mul(y);
    await Promise.all([early.data(), old.data()]);
    for (let i = 0; i < 70; i++) {
      const loss = v.mul(1);
      v.assign(v.add(1));
      await loss.data();
    }
    const number = async ([g]: Tensor[]) => g.item();
    expect(await number(gradients(early.mul(x), [w]))).toBe(10);
    expect(await number(gradients(old.mul(x), [x]))).toBe(12);
    for (const t of [v, y]) {
      expect(() => gradients(old.mul(x), [t])).toThrow(/assigned many times since/);
    }
  });
});
