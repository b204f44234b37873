import {
  grad,
  GradientError,
  gradients,
  init,
  prod,
  tensor,
  valueAndGrad,
  variable,
  type Device,
  type Tensor,
} from "cotangent";
import { beforeEach, describe, expect, test } from "vitest";
import { backends } from "../backends.ts";
import { collectGarbage } from "./collect.ts";

// What was read can be differentiated afterwards. Where the history behind it has been let go, that is an error.

/** x · wⁿ. */
function power(x: Tensor, w: Tensor, n: number): Tensor {
  let y = x;
  for (let i = 0; i < n; i++) y = y.mul(w);
  return y;
}

/** The bytes that objects of JavaScript take. */
async function heap(): Promise<number> {
  await collectGarbage();
  return process.memoryUsage().heapUsed;
}

describe.each(backends)("an eager graph of 1,200 nodes on %s", (backend) => {
  let device: Device;

  beforeEach(async () => {
    device = await init({ backend });
  });

  test("is differentiated as a whole", async () => {
    const w = variable(1);
    expect(await gradients(power(w, w, 1199), [w])[0].item()).toBe(1200);
  });

  test("is differentiated as a whole by grad", async () => {
    expect(await grad((x: Tensor) => power(x, x, 1199))(tensor(1)).item()).toBe(1200);
  });

  test("is differentiated as a whole after reads and assignments in between", async () => {
    const [w, v] = [variable(1), variable(1)];
    let y = w.mul(1);
    for (let i = 1; i <= 20; i++) {
      y = power(y, w, 60).mul(v);
      await y.data();
      v.assign(v.mul(1));
    }
    const [dw, dv] = gradients(y, [w, v]);
    expect(await Promise.all([dw.item(), dv.item()])).toEqual([1201, 20]);
  });

  test("keeps no more than its last part when it grows", async () => {
    let x: Tensor = tensor([0, 1]);
    const turn = async (n: number) => {
      for (let i = 0; i < n; i++) {
        x = x.add(1);
        if (i % 500 === 0) await x.data();
      }
      return { bytes: await heap(), tensors: device.memory().tensors };
    };
    const n = backend === "cpu" ? 36_000 : 33_000;
    await turn(n);
    const before = await turn(n / 2);
    const after = await turn(n / 2);
    expect(after.bytes - before.bytes).toBeLessThan(6e6);
    expect(after.tensors).toBeLessThan(150);
    expect(await x.array()).toEqual([2 * n, 2 * n + 1]);
  });
});

describe("a longer graph", () => {
  beforeEach(async () => {
    await init({ backend: "cpu" });
  });

  test("is an error, but for what it does not depend on and what was computed at its end", async () => {
    const [w, v, u] = [variable(1), variable(1), variable(1)];
    const x = tensor(1);
    const c = w.mul(v).mul(x);
    await c.data();
    let y = c.mul(1);
    for (let i = 0; i < 22_000; i++) y = y.mul(c);
    const z = y.mul(u);
    const attempt = () => gradients(z, [w, x]);
    expect(attempt).toThrow(
      expect.objectContaining({
        name: "GradientError",
        message: expect.stringContaining("lies far back in a long eager computation") as string,
      }),
    );
    expect(await gradients(z, [u])[0].item()).toBe(1);
    expect(await gradients(z, [y])[0].item()).toBe(1);
    expect(await gradients(z, [variable(2)])[0].item()).toBe(0);
    // c is near to what it was computed from.
    expect(await gradients(c.mul(u), [w])[0].item()).toBe(1);
  });

  test("that ends in an op that states its differential is differentiated", async () => {
    const w = variable([1, 1]);
    const [g] = gradients(prod(power(w, w, 1010)), [w]);
    expect(await g.array()).toEqual([1011, 1011]);
  });

  test("is differentiated within grad", async () => {
    const w = variable(1);
    const f = (x: Tensor) => power(x.mul(w), x, 22_000);
    const [y, dx] = valueAndGrad(f)(tensor(1));
    expect([await y.item(), await dx.item()]).toEqual([1, 22_001]);
  });
});

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
      return { bytes: await heap(), device: device.memory() };
    };
    await turn(150);
    const before = await turn(150);
    const after = await turn(150);
    expect(after.device.bytes - before.device.bytes).toBeLessThan(2 ** 17);
    // A loss is a tensor, and a number on the device.
    expect(after.device.tensors - before.device.tensors).toBeLessThanOrEqual(152);
    expect(after.bytes - before.bytes).toBeLessThan(1e6);
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
      }
      await collectGarbage();
      return device.memory();
    };
    await turn(150);
    const before = await turn(0);
    const after = await turn(100);
    expect(after.bytes - before.bytes).toBeLessThan(2 ** 17);
    expect(after.tensors - before.tensors).toBeLessThanOrEqual(102);
    expect(() => gradients(losses[0], [w])).toThrow(GradientError);
    expect((await gradients(losses.at(-1)!, [w])[0].data())[0]).toBeCloseTo(0.002, 4);
  });

  test("keeps large values of the last run alone", async () => {
    const w = variable(new Float32Array(2 ** 22)); // 16 MiB
    const losses: Tensor[] = [];
    for (let i = 0; i < 8; i++) {
      losses.push(w.sum());
      w.assign(w.add(1));
      await losses.at(-1)!.data();
    }
    await collectGarbage();
    expect(device.memory().tensors).toBeLessThanOrEqual(8 + 5);
    expect(() => gradients(losses[2], [w])).toThrow(GradientError);
    expect((await gradients(losses[7].square(), [w])[0].data())[0]).toBe(2 * 7 * 2 ** 22);
  });
});
