import {
  argMax,
  compile,
  grad,
  GradientError,
  gradients,
  init,
  oneHot,
  random,
  slice,
  takeAlongAxis,
  tensor,
  variable,
  where,
  zeros,
  type Tensor,
} from "cotangent";
import { beforeAll, describe, expect, test } from "vitest";
import { backends } from "../backends.ts";

describe.each(backends)("gradients on %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  test("of what the output does not depend on are zeros of the right shape", async () => {
    const [x, y] = [tensor([1, 2]), variable([[3], [4]])];
    const [dx, dy] = gradients(x.sum(), [x, y]);
    expect(await dx.array()).toEqual([1, 1]);
    expect([dy.dtype, await dy.array()]).toEqual(["float32", [[0], [0]]]);
    const step = compile((v: Tensor) => gradients(v.sum(), [v, y])[1]);
    expect(await step(tensor([1])).array()).toEqual([[0], [0]]);
  });

  test("pass over an op without a derivative where there is another path", async () => {
    const f = (x: Tensor) => where(x.greater(0), x.mul(3), x.mul(0.1)).sum();
    expect(await grad(f)(tensor([2, -2])).array()).toEqual([3, Math.fround(0.1)]);
    const scaled = (x: Tensor) => x.mul(x.cast("int32").cast("float32")).sum();
    expect(await grad(scaled)(tensor([2.5])).array()).toEqual([2]);
  });

  test.each<[name: string, f: (x: Tensor) => Tensor, x: number]>([
    ["relu", (x) => x.relu().sqrt(), -1],
    ["clip", (x) => x.clip(0, 1).log(), -1],
    ["relu6", (x) => x.relu6().rsqrt(), -1],
    ["hardTanh", (x) => x.hardTanh().add(1).log(), -2],
    ["hardSigmoid", (x) => x.hardSigmoid().sqrt(), -4],
    ["hardSwish", (x) => x.hardSwish().sqrt(), -4],
    ["hardShrink", (x) => x.hardShrink(2).sqrt(), 1],
    ["softShrink", (x) => x.softShrink(2).sqrt(), 1],
    ["maximum", (x) => x.maximum(0).sqrt(), -1],
    ["minimum", (x) => x.minimum(0).abs().sqrt(), 1],
  ])("of %s are 0 where it is constant, whatever follows", async (_, f, x) => {
    expect(await grad(f)(tensor(x)).item()).toBeCloseTo(0);
    expect(await grad(grad(f))(tensor(x)).item()).toBeCloseTo(0);
  });

  test("of a variable that has been assigned since are those at its value in the graph", async () => {
    const w = variable([3]);
    const y = w.square().sum();
    w.assign(tensor([10]));
    expect(await gradients(y, [w])[0].array()).toEqual([6]);
  });

  test("can be asked for after the value has been read", async () => {
    const x = tensor([1, 2]);
    const y = x.square().sum();
    expect(await y.item()).toBe(5);
    expect(await gradients(y, [x])[0].array()).toEqual([2, 4]);
  });

  test("of ops that spread elements out need no more axes than a tensor may have", async () => {
    const x = tensor([1, 2, 3, 4, 5, 6], [1, 3, 1, 1, 2, 1, 1, 1]);
    const strided = grad((v: Tensor) => slice(v, [], [], [1, 2, 1, 1, 1, 1, 1, 1]).square().sum());
    expect(await strided(x).data()).toEqual(Float32Array.of(2, 4, 0, 0, 10, 12));
    const taken = grad((v: Tensor) =>
      takeAlongAxis(v, zeros(x.shape, { dtype: "int32" }), 1).sum(),
    );
    expect(await taken(x).data()).toEqual(Float32Array.of(3, 3, 0, 0, 0, 0));
  });
});

describe("a gradient that could only pass through an op that has none names the op", () => {
  const x = tensor([1, 2, 3]);
  const cases: [string, (x: Tensor) => Tensor][] = [
    ["greater", (v) => v.greater(2).cast("float32")],
    ["equal", (v) => v.equal(2).cast("float32")],
    ["isNaN", (v) => v.isNaN().cast("float32")],
    ["argMax", (v) => argMax(v).cast("float32")],
    ["argMin", (v) => v.argMin().cast("float32")],
    ["cast", (v) => v.cast("int32").cast("float32")],
    ["cast", (v) => v.cast("bool").cast("float32")],
    ["cast", (v) => oneHot(v.cast("int32"), 4).slice([0, 1])],
    ["greater", (v) => v.greater(0).any().cast("float32")],
    ["less", (v) => random.bernoulli(v.mul(0.1), [3]).cast("float32")],
    ["greater", (v) => where(v.greater(0), 1, 0)],
  ];

  test.each(cases)("%s", (op, f) => {
    for (const attempt of [
      () => gradients(f(x).sum(), [x]),
      () => grad((v: Tensor) => f(v).sum())(x),
    ]) {
      expect(attempt).toThrow(GradientError);
      expect(attempt).toThrow(
        new RegExp(`depends on (argument 0, )?float32\\[3\\].* only through ${op}`),
      );
    }
  });

  test("an op whose derivative is 0 is no such op", async () => {
    await init({ backend: "cpu" });
    for (const f of [(v: Tensor) => v.floor(), (v: Tensor) => v.sign(), (v: Tensor) => v.round()])
      expect(await gradients(f(x).sum(), [x])[0].array()).toEqual([0, 0, 0]);
  });
});

describe("what has no gradient", () => {
  test.each<[string, Tensor]>([
    ["integers", tensor([1, 2], { dtype: "int32" })],
    ["unsigned integers", tensor([1, 2], { dtype: "uint32" })],
    ["booleans", tensor([true, false])],
  ])("%s are an error, unless they are not asked for", (_, k) => {
    const x = tensor([1, 2]);
    const y = x.mul(k.cast("float32")).sum();
    expect(() => gradients(y, [k])).toThrow(GradientError);
    expect(() => gradients(y, [k])).toThrow(`${k.dtype}[2]`);
    expect(gradients(y, [x])[0].shape).toEqual([2]);
    expect(() => grad((v: Tensor) => v.cast("float32").sum())(k)).toThrow(GradientError);
  });

  test("an output of integers or booleans has no derivative", () => {
    const x = tensor([1, 2]);
    expect(() => gradients(x.greater(0).any(), [x])).toThrow(GradientError);
    expect(() => gradients(x.cast("int32").sum(), [x])).toThrow(/int32\[\] sum/);
  });

  test("zeros that come of an integer are no error where they are not asked for", () => {
    const labels = zeros([2], { dtype: "int32" });
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    const y = x.mul(oneHot(labels, 2)).sum();
    expect(gradients(y, [x])[0].shape).toEqual([2, 2]);
  });

  test("what a compiled function returned has no history", () => {
    const x = tensor([1]);
    const y = compile((v: Tensor) => v.square().sum())(x);
    expect(() => gradients(y, [x])).toThrow(GradientError);
  });
});
