import { beforeAll, describe, expect, test } from "vitest";
import {
  DtypeError,
  grad,
  init,
  jvp,
  moments,
  ShapeError,
  tensor,
  vmap,
  zeros,
  type Tensor,
} from "../../src/index.ts";
import { backends } from "../backends.ts";
import { expectRefusal } from "../errors/refuses.ts";

const near = (values: readonly number[], digits = 5) =>
  values.map((v) => expect.closeTo(v, digits) as number);

describe.each(backends)("moments on %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  test("are the mean and the variance, along all axes or some", async () => {
    const x = tensor([
      [1, 2, 6],
      [0, 0, 3],
    ]);
    const [mean, variance] = moments(x);
    expect([await mean.item(), await variance.item()]).toEqual(near([2, 26 / 6]));
    const [means, variances] = moments(x, 1);
    expect(await means.array()).toEqual(near([3, 1]));
    expect(await variances.array()).toEqual(near([14 / 3, 2]));
    const [kept, spread] = moments(x, [0], { keepDims: true });
    expect([kept.shape, spread.shape]).toEqual([
      [1, 3],
      [1, 3],
    ]);
    expect(await spread.array()).toEqual([near([0.25, 1, 2.25])]);
  });

  test("of large numbers, of one and of none", async () => {
    const [mean, variance] = moments(tensor([1e7 + 1, 1e7 + 2, 1e7 + 3]));
    // A float32 that is next to the mean.
    expect(Math.abs((await mean.item()) - (1e7 + 2))).toBeLessThanOrEqual(1);
    expect(await variance.item()).toBeCloseTo(2 / 3, 5);
    const [own, nothing] = moments(tensor([[7]]), 1);
    expect([await own.array(), await nothing.array()]).toEqual([[7], [0]]);
    const [none] = moments(zeros([2, 0]), 1);
    expect(await none.array()).toEqual([NaN, NaN]);
    const [a, b] = moments(zeros([0, 3]), 1);
    expect([a.shape, b.shape]).toEqual([[0], [0]]);
  });

  test("have derivatives, each of its own and both together, and batch", async () => {
    const x = tensor([1, 2, 6]);
    // ∂mean/∂x = 1/n, ∂variance/∂x = 2 (x − mean)/n
    expect(await grad((t: Tensor) => moments(t)[0])(x).array()).toEqual(
      near([1 / 3, 1 / 3, 1 / 3]),
    );
    expect(await grad((t: Tensor) => moments(t)[1])(x).array()).toEqual(near([-4 / 3, -2 / 3, 2]));
    const product = (t: Tensor) => moments(t).reduce((a, b) => a.mul(b));
    const both = [-4, -2, 6].map((v) => v + 14 / 9);
    expect(await grad(product)(x).array()).toEqual(near(both, 4));
    const [, [dm, dv]] = jvp(moments, [x, 0], [tensor([1, 0, 0]), null]);
    expect([await dm.item(), await dv.item()]).toEqual(near([1 / 3, -4 / 3]));
    const [means, variances] = vmap((t: Tensor) => moments(t))(
      tensor([
        [1, 2, 6],
        [0, 0, 3],
      ]),
    );
    expect([await means.array(), await variances.array()]).toEqual([
      near([3, 1]),
      near([14 / 3, 2]),
    ]);
  });
});

describe("moments refuse", () => {
  test.each([
    [
      DtypeError,
      () => moments(zeros([2], { dtype: "int32" })),
      'moments: takes float32, got int32[2] broadcastTo; cast it, as in x.cast("float32")',
    ],
    [
      ShapeError,
      () => moments(zeros([2]), 1),
      "moments: axis 1 is out of range for shape [2], which has axes -1 to 0",
    ],
  ] as const)("%o %o: %s", (Class, act, message) => expectRefusal(Class, act, message));
});
