import {
  broadcastTo,
  cholesky,
  compile,
  init,
  matmul,
  scatterAdd,
  tensor,
  type Shape,
  type Tensor,
} from "cotangent";
import { beforeAll, expect, test } from "vitest";
import { evaluateReal, interpret } from "../../../src/backends/cpu/interpret.ts";
import { randomOf } from "../../graphs/agreement.ts";

// Products read what movements make of a tensor where it lies: one dispatch, and the reference's values.

beforeAll(async () => {
  await init();
});

/** The heads of attention [batch, time, heads · depth] → [batch, heads, time, depth]. */
const heads = (x: Tensor, count: number) => {
  const [n, t, width] = x.shape;
  return x.reshape([n, t, count, width / count]).transpose([0, 2, 1, 3]);
};
const part = (x: Tensor, i: number) => {
  const [n, t, width] = x.shape;
  return x.slice([0, 0, (i * width) / 3], [n, t, ((i + 1) * width) / 3]);
};

const cases: Record<string, [Shape[], (...xs: Tensor[]) => Tensor]> = {
  "slices of rows and columns": [
    [
      [20, 30],
      [13, 21],
    ],
    (x, w) => matmul(x.slice([1, 3], [18, 16]), w),
  ],
  "slices whose rows are whole vectors": [
    [
      [20, 32],
      [12, 24],
    ],
    (x, w) => matmul(x.slice([0, 4], [17, 16]), w.slice([0, 8], [12, 24])),
  ],
  "slices with steps": [
    [
      [20, 30],
      [20, 9],
    ],
    (x, w) => matmul(x.slice([0, 1], [20, 30], [2, 3]), w.slice([0, 0], [20, 9], [2, 1])),
  ],
  "reversed rows, columns and terms": [
    [
      [9, 7],
      [7, 6],
    ],
    (x, w) => matmul(x.flip(0), w.flip()),
  ],
  "rows that repeat, and columns": [
    [
      [1, 7],
      [7, 1],
    ],
    (x, w) => matmul(broadcastTo(x, [6, 7]), broadcastTo(w, [7, 10])),
  ],
  "transposed batches": [
    [
      [5, 3, 6],
      [3, 6, 4],
    ],
    (x, w) => matmul(x.transpose([1, 0, 2]), w),
  ],
  "heads of attention, of one tensor": [
    [[2, 9, 48]],
    (x) => matmul(heads(part(x, 0), 4), heads(part(x, 1), 4), { transposeB: true }),
  ],
  "heads of attention whose depth is odd": [
    [[2, 8, 45]],
    (x) => matmul(heads(part(x, 0), 3), heads(part(x, 2), 3), { transposeB: true }),
  ],
  "a matrix by itself, a part of it reversed": [
    [[12, 12]],
    (x) => matmul(x, x.flip(1), { transposeA: true }),
  ],
  "zeros around": [
    [
      [6, 7],
      [10, 5],
    ],
    (x, w) =>
      matmul(
        x.pad([
          [2, 1],
          [0, 3],
        ]),
        w.pad([
          [0, 0],
          [1, 1],
        ]),
      ),
  ],
  "zeros around a slice of zeros around": [
    [
      [6, 7],
      [9, 5],
    ],
    (x, w) => {
      const framed = x.pad([
        [2, 2],
        [2, 2],
      ]);
      const cut = framed.slice([1, 1], [9, 9]);
      return matmul(
        cut.pad([
          [0, 0],
          [1, 0],
        ]),
        w,
      );
    },
  ],
  "axes put together": [
    [
      [4, 3, 5],
      [12, 5],
    ],
    (x, w) => matmul(x.transpose([2, 1, 0]).reshape([5, 12]), w),
  ],
};

test.each(Object.entries(cases))("%s", async (_, [shapes, f]) => {
  const draw = randomOf(1);
  const args = shapes.map((shape) => {
    const size = shape.reduce((m, n) => m * n, 1);
    return tensor(
      Float32Array.from({ length: size }, () => 2 * draw() - 1),
      shape,
    );
  });
  const compiled = compile(f);
  expect(compiled.plan(...args).dispatches.map(({ ops }) => ops)).toEqual([["matmul"]]);
  const got = await compiled(...args).data();
  const leaf = ({ source }: Tensor) => (source?.kind === "constant" ? source.data : got);
  const [expected] = interpret([f(...args)], leaf, evaluateReal("float64"));
  expect(got).toHaveLength(expected.length);
  expect(Math.max(...Array.from(expected, (value, i) => Math.abs(value - got[i])))).toBeLessThan(
    1e-5,
  );
});

test("products and kernels of ops' own read single numbers from memory as well", async () => {
  const f = compile((x: Tensor) => [
    x.matmul(tensor([[2]])),
    tensor([[3]]).matmul(x.transpose()),
    cholesky(tensor([[4]])),
    scatterAdd(x, tensor([1], { dtype: "int32" }), tensor([[5]])),
  ]);
  const results = f(tensor([[1], [2]]));
  expect(await Promise.all(results.map((y) => y.array()))).toEqual([
    [[2], [4]],
    [[3, 6]],
    [[2]],
    [[1], [7]],
  ]);
});
