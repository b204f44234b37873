import {
  compile,
  cumProd,
  cumSum,
  DtypeError,
  grad,
  init,
  iota,
  jvp,
  ones,
  ShapeError,
  tensor,
  vmap,
  zeros,
  type CumulativeOptions,
  type Tensor,
} from "cotangent";
import { beforeAll, describe, expect, test } from "vitest";
import { backends } from "../backends.ts";
import { expectRefusal } from "../errors/refuses.ts";
import { randomOf } from "../graphs/agreement.ts";

const near = (values: readonly number[], digits = 5) =>
  values.map((v) => expect.closeTo(v, digits) as number);

const options: CumulativeOptions[] = [
  {},
  { reverse: true },
  { exclusive: true },
  { exclusive: true, reverse: true },
];

/** The running value of one row, in float64. */
function rowOf(
  row: readonly number[],
  { exclusive, reverse }: CumulativeOptions,
  first: number,
  next: (before: number, x: number) => number,
): number[] {
  const inOrder = reverse ? row.toReversed() : row;
  let now = first;
  const values = inOrder.map((x) => {
    const before = now;
    now = next(now, x);
    return exclusive ? before : now;
  });
  return reverse ? values.reverse() : values;
}

/** A row of numbers as float32 has them. */
function random(n: number, low: number, high: number): number[] {
  const next = randomOf(n);
  return Array.from({ length: n }, () => Math.fround(low + (high - low) * next()));
}

describe.each(backends)("on %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  // One thread takes rows of up to 256, longer ones are cut in blocks, from 65,537 on in blocks of blocks.
  test.each([0, 1, 2, 3, 4, 7, 64, 255, 256, 257, 1000, 4099, 65_536, 65_537])(
    "rows of %i",
    async (n) => {
      const row = random(n, -1, 1);
      const x = tensor(row, [n]);
      for (const how of options) {
        const expected = rowOf(row, how, 0, (s, v) => s + v);
        // Of so many terms in turn, or so many in blocks.
        const terms = Math.max(1, Math.sqrt(n));
        const sums = await cumSum(x, 0, how).data();
        expect(sums.length).toBe(n);
        const worst = expected.map((v, i) => Math.abs(sums[i] - v) / terms);
        expect(Math.max(0, ...worst.slice(0, 300), ...worst.slice(-300))).toBeLessThan(4e-6);
        const places = await cumSum(iota([n]), 0, how).data();
        const triangular = rowOf([...Array(n).keys()], how, 0, (s, v) => (s + v) | 0);
        expect([...places]).toEqual(triangular);
      }
    },
  );

  test.each([1, 5, 256, 700])("products of rows of %i", async (n) => {
    const row = random(n, 0.9, 1.1);
    for (const how of options) {
      const products = await cumProd(tensor(row, [n]), 0, how).data();
      const expected = rowOf(row, how, 1, (s, v) => s * v);
      const worst = expected.map((v, i) => Math.abs(products[i] / v - 1));
      expect(Math.max(...worst)).toBeLessThan(n * 2 ** -23);
    }
    const odd = Array.from({ length: n }, (_, i) => 2 * i + 3);
    const products = await cumProd(tensor(odd, [n], { dtype: "int32" }), 0).data();
    expect([...products]).toEqual(rowOf(odd, {}, 1, Math.imul));
  });

  test.each([0, 1, 2])("along axis %i of three", async (axis) => {
    const shape = [4, 8, 12];
    const x = iota(shape).mul(7).remainder(11);
    const data = await x.data();
    for (const reverse of [false, true]) {
      const sums = await cumSum(x, axis, { reverse }).data();
      const strides = [96, 12, 1];
      data.forEach((v, i) => {
        const at = Math.floor(i / strides[axis]) % shape[axis];
        const isFirst = reverse ? at === shape[axis] - 1 : at === 0;
        const before = isFirst ? 0 : sums[i + (reverse ? strides[axis] : -strides[axis])];
        expect(sums[i]).toBe(before + v);
      });
    }
  });

  test("a constant, what is not finite, and zeros of both signs", async () => {
    expect(await cumSum(ones([8]), 0).array()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const x = tensor([-0, 1, Infinity, 2, -Infinity, 3]);
    expect(await cumSum(x, 0).array()).toEqual([0, 1, Infinity, Infinity, NaN, NaN]);
    expect(await cumProd(x, 0).array()).toEqual([-0, -0, NaN, NaN, NaN, NaN]);
  });

  test("between folds, and of each other, in one kernel", async () => {
    const row = random(200, 0.5, 1);
    const x = tensor([...row, ...row], [2, 200]);
    const shares = (t: Tensor) => {
      const part = cumSum(t.exp(), 1).div(t.exp().sum(1, { keepDims: true }));
      return [part, cumSum(part, 1).mul(2), part.square().sum(1)];
    };
    const step = compile(shares);
    if (backend === "webgpu") expect(step.plan(x).dispatches.length).toBe(1);
    const [part, twice, norm] = step(x);
    const e = row.map(Math.exp);
    const whole = e.reduce((a, b) => a + b);
    const parts = rowOf(e, {}, 0, (s, v) => s + v).map((v) => v / whole);
    const doubled = rowOf(parts, {}, 0, (s, v) => s + v).map((v) => 2 * v);
    const squares = parts.reduce((s, v) => s + v * v, 0);
    expect(await part.array()).toEqual([near(parts), near(parts)]);
    expect(await twice.array()).toEqual([near(doubled, 3), near(doubled, 3)]);
    expect(await norm.array()).toEqual(near([squares, squares], 3));
  });

  test.each([4, 300])("derivatives of products of %i, of which some are 0", async (n) => {
    const row = random(n, 0.9, 1.1).map((v, i) => (i === 1 || i === n - 2 ? 0 : v));
    const weights = random(n, -1, 1);
    for (const how of options) {
      const loss = (t: Tensor) => cumProd(t, 0, how).mul(tensor(weights)).sum();
      const at = (values: readonly number[]) =>
        rowOf(values, how, 1, (s, v) => s * v).reduce((s, v, i) => s + v * weights[i], 0);
      // Linear in each element: the difference is exact.
      const expected = row.map((v, i) => at(row.with(i, v + 1)) - at(row));
      const x = tensor(row);
      expect(await grad(loss)(x).array()).toEqual(near(expected, 4));
      const [, along] = jvp(loss, [x], [ones([n])]);
      expect(await along.item()).toBeCloseTo(
        expected.reduce((a, b) => a + b),
        3,
      );
    }
  });

  test("second derivatives of products", async () => {
    // y = a, ab, abc: ∂²Σy/∂x² is [[0, 1 + c, b], [1 + c, 0, a], [b, a, 0]].
    const total = (t: Tensor) => cumProd(t, 0).sum();
    const columns = [0, 1, 2].map((i) => {
      const unit = tensor([0, 1, 2].map((j) => Number(i === j)));
      return grad((t: Tensor) => grad(total)(t).mul(unit).sum())(tensor([2, 0, 5]));
    });
    const found = await Promise.all(columns.map((c) => c.array()));
    expect(found).toEqual([
      [0, 6, 0],
      [6, 0, 2],
      [0, 2, 0],
    ]);
  });

  test("batches are of the same rows", async () => {
    const x = iota([3, 4]);
    const rows = vmap((t: Tensor) => cumSum(t, 0, { exclusive: true }))(x);
    expect(await rows.array()).toEqual([
      [0, 0, 1, 3],
      [0, 4, 9, 15],
      [0, 8, 17, 27],
    ]);
    const gradients = vmap(grad((t: Tensor) => cumProd(t, 0).sum()))(x.cast("float32"));
    expect(await gradients.array()).toEqual([
      [10, 0, 0, 0],
      [246, 196, 160, 120],
      [1090, 968, 864, 720],
    ]);
  });
});

describe("dispatches", () => {
  const dispatchesOf = async (f: (x: Tensor) => unknown, shape: number[]) => {
    await init({ backend: "webgpu" });
    return compile(f).plan(zeros(shape)).dispatches.length;
  };

  test.each([
    [[200], 1],
    [[64, 256], 1],
    [[256, 64, 3], 1],
    [[1000], 3],
    [[65_536], 3],
    [[65_537], 4],
  ])(
    "of sums along the longest axis of %o, with what is in front and behind: %i",
    async (shape, n) => {
      const axis = shape.indexOf(Math.max(...shape));
      const f = (x: Tensor) => cumSum(x.exp().add(1), axis).mul(2).tanh();
      expect(await dispatchesOf(f, shape)).toBe(n);
      const reversed = (x: Tensor) => cumSum(x.exp().add(1), axis, { reverse: true }).mul(2).tanh();
      expect(await dispatchesOf(reversed, shape)).toBe(n);
    },
  );

  test("of gradients", async () => {
    expect(
      await dispatchesOf(
        grad((x: Tensor) => cumSum(x, 1).square().sum()),
        [8, 100],
      ),
    ).toBe(2);
    expect(
      await dispatchesOf(
        grad((x: Tensor) => cumProd(x, 1).square().sum()),
        [8, 100],
      ),
    ).toBe(2);
  });
});

describe("refused", () => {
  test.each([
    [
      DtypeError,
      () => cumSum(zeros([2], { dtype: "bool" }), 0),
      'cumSum: takes numbers, got bool; cast it, as in x.cast("int32")',
    ],
    [
      ShapeError,
      () => cumProd(zeros([2]), 1),
      "cumProd: axis 1 is out of range for shape [2], which has axes -1 to 0",
    ],
  ] as const)("%o %o: %s", (Class, act, message) => expectRefusal(Class, act, message));
});
