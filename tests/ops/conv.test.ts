import {
  compile,
  concat,
  conv1d,
  conv2d,
  gather,
  grad,
  init,
  pad,
  tensor,
  zeros,
  type Tensor,
} from "cotangent";
import { describe, expect, test } from "vitest";
import { evaluateReal, interpret } from "../../src/backends/cpu/interpret.ts";
import { sizeOf } from "../../src/base/shape.ts";
import { windows, type WindowAxis } from "../../src/ops/windows.ts";
import { backends } from "../backends.ts";
import { randomOf } from "../graphs/agreement.ts";

// Values by hand. The laws compare the ops behind these functions, and goldens all geometries.

const image = tensor([
  [
    [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ],
  ],
]);
const kernel = tensor([
  [
    [
      [1, 10],
      [100, 1000],
    ],
  ],
]);

describe.each(backends)("convolutions on %s", (backend) => {
  const start = () => init({ backend });

  test("do not turn the kernel", async () => {
    await start();
    expect(await conv2d(image, kernel).array()).toEqual([
      [
        [
          [5421, 6532],
          [8754, 9865],
        ],
      ],
    ]);
  });

  test('"same" keeps the lengths, the odd row and column at the end', async () => {
    await start();
    const y = conv2d(image, kernel, { padding: "same" });
    expect(await y.array()).toEqual([
      [
        [
          [5421, 6532, 603],
          [8754, 9865, 906],
          [87, 98, 9],
        ],
      ],
    ]);
    const wide = conv1d(tensor([[[1, 2, 3, 4, 5]]]), tensor([[[1, 10, 100]]]), {
      padding: "same",
      dilation: 2,
    });
    expect(await wide.array()).toEqual([[[310, 420, 531, 42, 53]]]);
  });

  test('"valid" is no padding; numbers stand for pairs', async () => {
    await start();
    const valid = await conv2d(image, kernel, { padding: "valid" }).data();
    expect(await conv2d(image, kernel, { padding: 0, stride: [1, 1] }).data()).toEqual(valid);
    const padded = await conv2d(image, kernel, { padding: 1, stride: 2 }).data();
    expect([...padded]).toEqual([1000, 3200, 7040, 9865]);
    const uneven = await conv2d(image, kernel, { padding: [0, 1], stride: [1, 3] }).data();
    expect([...uneven]).toEqual([4010, 603, 7040, 906]);
  });

  test("groups see their own channels, a bias is added to each channel", async () => {
    await start();
    const x = tensor([
      [
        [1, 2, 3],
        [10, 20, 30],
      ],
    ]);
    const w = tensor([[[1, 1]], [[1, -1]]]);
    const y = conv1d(x, w, { groups: 2, bias: tensor([0.5, 100]) });
    expect(await y.array()).toEqual([
      [
        [3.5, 5.5],
        [90, 90],
      ],
    ]);
  });

  test("integers mix with floats as in other products", async () => {
    await start();
    const x = tensor([[[1, 2, 3]]], { dtype: "int32" });
    expect(await conv1d(x, tensor([[[0.5, 0.5]]])).array()).toEqual([[[1.5, 2.5]]]);
  });

  test("empty batches, no output channels, no input channels and no input at all", async () => {
    await start();
    expect((await conv2d(zeros([0, 1, 3, 3]), kernel).data()).length).toBe(0);
    expect(conv2d(zeros([0, 1, 3, 3]), kernel).shape).toEqual([0, 1, 2, 2]);
    expect(conv1d(zeros([2, 3, 4]), zeros([0, 3, 2])).shape).toEqual([2, 0, 3]);
    const y = conv1d(zeros([1, 0, 4]), zeros([2, 0, 2]), { bias: tensor([1, 2]) });
    expect([...(await y.data())]).toEqual([1, 1, 1, 2, 2, 2]);
    const none = conv1d(zeros([1, 1, 0]), tensor([[[1, 1]]]), { padding: 1 });
    expect([...(await none.data())]).toEqual([0]);
  });

  test("gradients by hand, for inputs that no kernel meets too", async () => {
    await start();
    const x = tensor([[[1, 2, 3, 4, 5]]]);
    const w = tensor([[[1, 10]]]);
    const weights = tensor([[[1, 2]]]);
    const f = (a: Tensor, b: Tensor) =>
      conv1d(a, b, { stride: 3 }).slice([0, 0, 0]).mul(weights).sum();
    const [dx, dw] = grad(f, { argnums: [0, 1] })(x, w);
    expect(await dx.array()).toEqual([[[1, 10, 0, 2, 20]]]);
    expect(await dw.array()).toEqual([[[9, 12]]]);
  });
});

describe("a step of convolutions", () => {
  const draw = randomOf(3);
  const numbers = (...shape: number[]) => {
    const size = shape.reduce((m, n) => m * n, 1);
    return tensor(
      Float32Array.from({ length: size }, () => draw() - 0.5),
      shape,
    );
  };
  const net = (x: Tensor, v: Tensor, w: Tensor, bias: Tensor) => {
    const hidden = conv2d(x, v, { bias, padding: "same" }).relu();
    return conv2d(hidden, w, { bias, padding: "same" }).square();
  };
  const args: Parameters<typeof net> = [
    numbers(4, 3, 12, 12),
    numbers(8, 3, 3, 3),
    numbers(8, 8, 3, 3),
    numbers(8),
  ];

  test("is made of products that read windows in place, with what follows in their epilogues", async () => {
    await init();
    const forward = compile(net);
    const { dispatches } = forward.plan(...args);
    // The weights of eight channels are brought into the order of the terms; three channels are in it.
    expect(dispatches.map(({ kernel, ops }) => [kernel.split(" ")[0], ops.at(-1)])).toEqual([
      [expect.stringContaining("matmul"), "relu"],
      ["copy", undefined],
      [expect.stringContaining("matmul"), "square"],
    ]);
    expect(dispatches[1].shapes).toEqual([[1, 8, 8 * 9]]);
    const got = await forward(...args).data();
    const leaf = ({ source }: Tensor) => (source?.kind === "constant" ? source.data : got);
    const y = net(...args);
    const [expected] = interpret([y], leaf, evaluateReal("float64"));
    expect(Math.max(...Array.from(expected, (v, i) => Math.abs(v - got[i])))).toBeLessThan(1e-5);
  });

  test("finds where four channels are read at once", async () => {
    await init();
    const divisions = (channels: number) => {
      const conv = compile((x: Tensor, w: Tensor) => conv2d(x, w));
      const { dispatches } = conv.plan(numbers(1, channels, 9, 9), numbers(4, channels, 3, 3));
      return dispatches.flatMap(({ wgsl }) => wgsl.match(/ modulo\(/g) ?? []).length;
    };
    expect(divisions(8)).toBeLessThanOrEqual(divisions(7) / 2);
  });

  test("writes nothing larger than what goes in and comes out, its gradients included", async () => {
    await init();
    const step = compile((...xs: Parameters<typeof net>) =>
      grad((...all: typeof xs) => net(...all).sum(), { argnums: [0, 1, 2, 3] })(...xs),
    );
    const largest = 4 * 8 * 12 * 12;
    for (const { shapes } of step.plan(...args).dispatches) {
      for (const shape of shapes)
        expect(shape.reduce((m, n) => m * n, 1)).toBeLessThanOrEqual(largest);
    }
  });

  test("writes no window for a gradient that is one number everywhere, that of a sum", async () => {
    await init();
    const step = compile((x: Tensor, v: Tensor) =>
      grad((...all: [Tensor, Tensor]) => conv2d(...all, { padding: 1 }).sum(), {
        argnums: [0, 1],
      })(x, v),
    );
    const [x, v] = args;
    for (const { shapes } of step.plan(x, v).dispatches) {
      for (const shape of shapes)
        expect(shape.reduce((m, n) => m * n, 1)).toBeLessThanOrEqual(x.size);
    }
  });
});

describe("windows of what is put together of pieces", () => {
  const w = tensor(
    Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)),
    [2, 4, 3],
  );
  const pieces: [string, (x: Tensor) => Tensor][] = [
    ["concatenated channels", (x) => concat([x.slice([0, 2]), x.slice([0, 0], [3, 2]).sin()], 1)],
    ["an axis continued at its other end", (x) => concat([x.slice([0, 0, 28]), x], 2)],
    [
      "a padding of ones",
      (x) =>
        pad(
          x,
          [
            [0, 0],
            [0, 0],
            [2, 0],
          ],
          1,
        ),
    ],
    ["looked up rows", (x) => gather(x, tensor([2, 0, 1], { dtype: "int32" }))],
  ];
  const x = tensor(
    Float32Array.from({ length: 3 * 4 * 30 }, (_, i) => Math.cos(i * i)),
    [3, 4, 30],
  );
  const ofPieces = (put: (x: Tensor) => Tensor) => (a: Tensor, b: Tensor) => {
    const loss = (...[c, d]: Tensor[]) => conv1d(put(c), d).square().sum();
    return [conv1d(put(a), b), ...grad(loss, { argnums: [0, 1] })(a, b)];
  };

  test.each(pieces)("%s are not written, the pieces are", async (_, put) => {
    await init();
    const { dispatches } = compile(ofPieces(put)).plan(x, w);
    for (const size of dispatches.flatMap(({ shapes }) => shapes.map(sizeOf)))
      expect(size).toBeLessThanOrEqual(3 * 4 * 32);
  });

  test.each(pieces)("%s are those of a copy", async (_, put) => {
    await init();
    const results = await Promise.all(compile(ofPieces(put))(x, w).map((y) => y.data()));
    const leaf = ({ source }: Tensor) => (source?.kind === "constant" ? source.data : results[0]);
    const expected = interpret(ofPieces(put)(x, w), leaf, evaluateReal("float64"));
    results.forEach((y, i) => {
      const error = Math.max(...Array.from(expected[i], (v, at) => Math.abs(v - y[at])));
      expect(error).toBeLessThan(1e-4);
    });
  });
});

describe("windows", () => {
  const axes: WindowAxis[] = [
    { windows: 3, size: 2, step: 2, dilation: 3, offset: -1, gap: 1 },
    { windows: 7, size: 3, step: 1, dilation: -2, offset: 1, gap: 2 },
  ];
  const x = tensor(Float32Array.from({ length: 2 * 5 * 4 }, (_, i) => i + 1)).reshape([2, 5, 4]);

  test.each(backends)("are elements at their places, zeros elsewhere, on %s", async (backend) => {
    await init({ backend });
    const y = windows(x, axes);
    expect(y.shape).toEqual([2, 2, 3, 3, 7]);
    const at = (b: number, ...places: number[]) => {
      const isThere = places.every((i, axis) => Number.isInteger(i) && i >= 0 && i < [5, 4][axis]);
      return isThere ? (b * 5 + places[0]) * 4 + places[1] + 1 : 0;
    };
    const expected: number[] = [];
    for (let b = 0; b < 2; b++)
      for (let k0 = 0; k0 < 2; k0++)
        for (let k1 = 0; k1 < 3; k1++)
          for (let p0 = 0; p0 < 3; p0++)
            for (let p1 = 0; p1 < 7; p1++)
              expected.push(at(b, 2 * p0 + 3 * k0 - 1, (p1 - 2 * k1 + 1) / 2));
    expect([...(await y.data())]).toEqual(expected);
  });
});
