import * as cotangent from "cotangent";
import { init, Tensor, tensor } from "cotangent";
import { describe, expect, test } from "vitest";
import * as fluent from "../../src/ops/fluent.ts";
import { backends } from "../backends.ts";

const {
  ShapeError,
  DtypeError,
  ValueError,
  FormatError,
  GradientError,
  TraceError,
  DisposedError,
  DeviceError,
  DeviceLostError,
  OutOfMemoryError,
} = cotangent;
const { add, gather, layerNorm, matmul, silu, softmax, sum, swish, takeAlongAxis } = cotangent;

test("each function of fluent.ts is a method of its name", () => {
  for (const [name, f] of Object.entries(fluent)) {
    expect(Reflect.get(Tensor.prototype, name), name).toBeInstanceOf(Function);
    if ("op" in f) expect(f.op.name).toBe(name);
  }
});

describe.each(backends)("functions and methods on %s", (backend) => {
  test("are the same", async () => {
    await init({ backend });
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    const pairs = [
      [add(x, 1), x.add(1)],
      [add(1, x), x.add(1)],
      [softmax(x, -1), x.softmax(-1)],
      [matmul(x, x), x.matmul(x)],
      [sum(x, 1, { keepDims: true }), x.sum(1, { keepDims: true })],
      [swish(x), silu(x)],
      [x.swish(), x.silu()],
    ];
    for (const [a, b] of pairs) {
      const expected = Array.from(await b.data(), (v) => expect.closeTo(v, 5) as number);
      expect([a.shape, Array.from(await a.data())]).toEqual([b.shape, expected]);
    }
  });

  test("gather is NumPy's take, takeAlongAxis torch's gather", async () => {
    await init({ backend });
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const rows = tensor([1, 0, 1], { dtype: "int32" });
    expect(await gather(x, rows, 0).array()).toEqual([
      [4, 5, 6],
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const places = tensor(
      [
        [2, 0],
        [1, 1],
      ],
      { dtype: "int32" },
    );
    expect(await takeAlongAxis(x, places, 1).array()).toEqual([
      [3, 1],
      [5, 5],
    ]);
  });

  test("layerNorm is a function only", async () => {
    await init({ backend });
    const [y] = await layerNorm(tensor([1, 3])).data();
    expect(y).toBeCloseTo(-1, 4);
    expect("layerNorm" in Tensor.prototype).toBe(false);
  });
});

// What the issue lists, by the names that it gives.
const listed =
  "sigmoid tanh step softplus relu softsign elu celu logSigmoid swish silu sinc leakyRelu mish sin gelu selu relu6 " +
  "hardTanh hardSwish where clip cast sum mean max min prod variance logSumExp norm argMax argMin any all reshape " +
  "transpose broadcastTo slice pad concat stack split flip squeeze expandDims tile gather takeAlongAxis oneHot matmul " +
  "softmax logSoftmax layerNorm gradients grad valueAndGrad compile fit tensor variable";

test.each(listed.split(" "))("%s is exported", (name) => {
  expect(Reflect.get(cotangent, name)).toBeTypeOf("function");
});

test("random holds what draws, how it is seeded, and its state", () => {
  expect(Object.keys(cotangent.random).sort()).toEqual([
    "bernoulli",
    "bits",
    "namedVariables",
    "normal",
    "permutation",
    "seed",
    "uniform",
  ]);
});

const errors = {
  ShapeError,
  DtypeError,
  ValueError,
  FormatError,
  GradientError,
  TraceError,
  DisposedError,
  DeviceError,
  DeviceLostError,
  OutOfMemoryError,
};

test.each(Object.entries(errors))("%s is an exported class", (name, Class) => {
  const error = new Class("why");
  expect(error).toBeInstanceOf(Error);
  expect([error.name, error.message]).toEqual([name, "why"]);
});
