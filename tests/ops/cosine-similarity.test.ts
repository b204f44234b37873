import { beforeAll, describe, expect, test } from "vitest";
import {
  ArgumentError,
  cosineSimilarity,
  DtypeError,
  grad,
  hessian,
  init,
  ShapeError,
  tensor,
  ValueError,
  vmap,
  type Tensor,
} from "../../src/index.ts";
import { backends } from "../backends.ts";
import { expectRefusal } from "../errors/refuses.ts";

const near = (values: readonly number[], digits = 5) =>
  values.map((v) => expect.closeTo(v, digits) as number);

describe.each(backends)("cosineSimilarity on %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  test("is ⟨a, b⟩/(‖a‖ ‖b‖) along an axis, the last by default, and broadcasts", async () => {
    const a = tensor([
      [3, 4],
      [-1, 0],
      [1, 1],
    ]);
    const b = tensor([4, 3]);
    expect(await cosineSimilarity(a, b).array()).toEqual(near([0.96, -0.8, 0.98994949]));
    const columns = await cosineSimilarity(a, tensor([[1], [2], [2]]), 0).array();
    expect(columns).toEqual(near([1 / Math.sqrt(11), 6 / (3 * Math.sqrt(17))]));
    const pairs = cosineSimilarity(a.expandDims(1), a.expandDims(0));
    const own = 7 / Math.sqrt(50);
    expect([...(await pairs.data())]).toEqual(
      near([1, -0.6, own, -0.6, 1, -Math.SQRT1_2, own, -Math.SQRT1_2, 1]),
    );
  });

  test("elements may be as large and as small as floats are", async () => {
    const unit = tensor([3, 4]);
    for (const size of [1e37, 1e-4, 1e-30]) {
      // Along a, of any length above ε; what is shorter counts as ε.
      const epsilon = 1e-36;
      const y = cosineSimilarity(unit.mul(size), unit, -1, { epsilon });
      expect(await y.item()).toBeCloseTo(1, 5);
    }
  });

  test("with 0, and with what is shorter than ε, as PyTorch has it", async () => {
    const [zero, b] = [tensor([0, 0]), tensor([3, 4])];
    expect(await cosineSimilarity(zero, b).item()).toBe(0);
    const slope = (epsilon: number) => (a: Tensor) => cosineSimilarity(a, b, 0, { epsilon });
    // b/(‖b‖ ε)
    expect(await grad(slope(0.5))(zero).array()).toEqual(near([1.2, 1.6]));
    expect(await slope(10)(tensor([3, 4])).item()).toBeCloseTo(25 / 100, 5);
    expect(await slope(0)(zero).item()).toBeNaN();
  });

  test("has derivatives of any order, and batches", async () => {
    const b = tensor([3, 4]);
    const f = (a: Tensor) => cosineSimilarity(a, b);
    // (b̂ − y â)/‖a‖ for a = (1, 0): y = 0.6
    expect(await grad(f)(tensor([1, 0])).array()).toEqual(near([0, 0.8]));
    // In polar coordinates cos(φ − β): ∂²/∂a₂² at (1, 0) is −0.6, ∂²/∂a₁∂a₂ is −0.8.
    const h = await hessian(f)(tensor([1, 0])).data();
    expect([...h]).toEqual(near([0, -0.8, -0.8, -0.6], 4));
    const rows = vmap(f)(
      tensor([
        [1, 0],
        [0, 2],
        [3, 4],
      ]),
    );
    expect(await rows.array()).toEqual(near([0.6, 0.8, 1]));
  });
});

describe("cosineSimilarity refuses", () => {
  const [x, k] = [tensor([1, 2]), tensor([1, 2], { dtype: "int32" })];
  test.each([
    [
      ShapeError,
      () => cosineSimilarity(x, tensor([1, 2, 3])),
      "cosineSimilarity: shapes [2] and [3] do not broadcast: axis 0 is 2 in one and 3 in the other",
    ],
    [
      ShapeError,
      () => cosineSimilarity(x, x, 1),
      "cosineSimilarity: axis 1 is out of range for shape [2], which has axes -1 to 0",
    ],
    [
      DtypeError,
      () => cosineSimilarity(k, k),
      'cosineSimilarity: takes float32, got int32[2] constant; cast it, as in x.cast("float32")',
    ],
    [
      ValueError,
      () => cosineSimilarity(x, x, -1, { epsilon: -1 }),
      "cosineSimilarity: epsilon is a number ≥ 0, got -1",
    ],
    [
      ArgumentError,
      () => cosineSimilarity(x, "x" as never),
      "cosineSimilarity: expected a tensor or a number, got string",
    ],
  ] as const)("%o %o: %s", (Class, act, message) => expectRefusal(Class, act, message));
});
