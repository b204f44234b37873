import {
  ArgumentError,
  compile,
  data,
  DtypeError,
  fit,
  grad,
  gradients,
  GradientError,
  init,
  nn,
  optim,
  ShapeError,
  tensor,
  validate,
  ValueError,
  variable,
  zeros,
  type Tensor,
  type Variable,
} from "cotangent";
import { beforeAll, describe, expect, test } from "vitest";
import { backends } from "../backends.ts";

type ErrorClass = new (message: string) => Error;

describe.each(backends)("training on %s", (backend) => {
  let w: Variable;

  beforeAll(async () => {
    await init({ backend });
    w = variable(zeros([2, 3]));
  });

  const thrown = (act: () => unknown): unknown => {
    try {
      act();
    } catch (error) {
      return error;
    }
    return undefined;
  };

  const sgd = () => optim.sgd([w], { learningRate: 0.1 });
  const logits = zeros([4, 3]);
  const pairs = data.dataset({ x: zeros([2, 1]), y: zeros([2, 1]) });
  const labelled = data.dataset({ x: zeros([2, 1]), label: zeros([2, 1]) });

  test.each<[ErrorClass, string, () => unknown]>([
    [
      ShapeError,
      "minimize: the loss has shape [2, 3] and is not a scalar; reduce it, as in loss.mean()",
      () => sgd().minimize(w.mul(2)),
    ],
    [
      ShapeError,
      "minimize: the loss has shape [2] and is not a scalar; reduce it, as in loss.mean()",
      () => compile(() => sgd().minimize(w.sum(1)))(),
    ],
    [
      ValueError,
      "softmaxCrossEntropy: label 3 is outside of the 3 classes, 0 to 2",
      () => nn.softmaxCrossEntropy(logits, tensor(Int32Array.of(0, 1, 2, 3))),
    ],
    [
      ValueError,
      "softmaxCrossEntropy: label -1 is outside of the 3 classes, 0 to 2",
      () => nn.softmaxCrossEntropy(logits, tensor(Int32Array.of(0, -1, 2, 1))),
    ],
    [
      ValueError,
      "softmaxCrossEntropy: label 7 is outside of the 3 classes, 0 to 2",
      () => {
        const step = compile((x: Tensor, y: Tensor) => nn.softmaxCrossEntropy(x, y));
        step(logits, Uint8Array.of(0, 1, 2, 0));
        step(logits, Uint8Array.of(0, 1, 2, 7));
      },
    ],
    [
      ShapeError,
      "softmaxCrossEntropy: logits [4, 3] take class indices [4] or probabilities [4, 3], got int32 targets [3]",
      () => nn.softmaxCrossEntropy(logits, tensor(Int32Array.of(0, 1, 2))),
    ],
    [
      DtypeError,
      'softmaxCrossEntropy: class indices are int32 or uint32, got float32 [4]; cast them, as in labels.cast("int32")',
      () => nn.softmaxCrossEntropy(logits, zeros([4])),
    ],
    [
      ValueError,
      "dataset: the parts differ in length: x has 3, y has 4",
      () => data.dataset({ x: new Float32Array(3), y: new Int32Array(4) }),
    ],
    [
      ShapeError,
      "mse: predictions [4, 3] and targets [4] differ in shape",
      () => nn.mse(logits, zeros([4])),
    ],
    [
      ShapeError,
      "matmul: inner dimensions differ: [4, 3] × [5, 2] has 3 ≠ 5",
      () => nn.linear(5, 2).forward(logits),
    ],
    [
      ArgumentError,
      "f: a shape is a list of lengths, got number",
      () => {
        const f = (x: Tensor) => x;
        compile(f, { inputs: [5 as never] })(new Float32Array(5));
      },
    ],
    [
      ShapeError,
      "f: an array of 5 elements does not fill the shape [-1, 2] of its argument",
      () => {
        const f = (x: Tensor) => x;
        compile(f, { inputs: [[-1, 2]] })(new Float32Array(5));
      },
    ],
    [
      ValueError,
      "a list or object that holds itself is no argument or result",
      () => {
        const circle: unknown[] = [w];
        circle.push({ circle });
        compile((x: never) => x)(circle as never);
      },
    ],
    [ValueError, "sgd: there are no parameters to train", () => optim.sgd([])],
    ...[logits, nn.linear(1, 1), undefined, Array(1)].map(
      (parameters): [ErrorClass, string, () => unknown] => [
        ArgumentError,
        "sgd: parameters are variables in a list, as in model.parameters()",
        () => optim.sgd(parameters as never),
      ],
    ),
    [
      ArgumentError,
      "minimize: expected a tensor, got undefined",
      () => sgd().minimize(undefined as never),
    ],
    [
      ArgumentError,
      "sgd: gradients are a list, one for each parameter, got undefined",
      () => sgd().apply(undefined as never),
    ],
    [
      ArgumentError,
      "sgd: expected a tensor, got undefined",
      () => sgd().apply([undefined as never]),
    ],
    [
      DtypeError,
      "sgd: gradient 0 is int32, its parameter float32",
      () => sgd().apply([zeros([2, 3], { dtype: "int32" })]),
    ],
    [
      ArgumentError,
      "validate: expected a function, got undefined",
      () => validate(undefined as never),
    ],
    [
      ArgumentError,
      "compile: expected a function, got an instance of Tensor",
      () => compile(logits as never),
    ],
    [ArgumentError, "grad: expected a function, got undefined", () => grad(undefined as never)],
    [
      ValueError,
      "adam: a learning rate is a number ≥ 0 or a schedule, got NaN",
      () => optim.adam([w], { learningRate: NaN }),
    ],
    [ValueError, "dropout: p is a probability below 1, got 1", () => nn.dropout(1)],
    ...(
      [
        ["weightDecay", "0.1", "a number ≥ 0, got string"],
        ["epsilon", null, "a number ≥ 0, got null"],
        ["amsgrad", 1, "a boolean, got number"],
        ["beta1", true, "between 0 and 1, and not 1, got boolean"],
        ["learningRate", "0.1", "a number ≥ 0 or a schedule, got string"],
      ] as const
    ).map(([option, value, what]): [ErrorClass, string, () => unknown] => [
      ArgumentError,
      `adamw: ${option === "learningRate" ? "a learning rate" : option} is ${what}`,
      () => optim.adamw([w], { [option]: value }),
    ]),
    ...(
      [
        ["beta1", 1, "between 0 and 1, and not 1"],
        ["beta2", NaN, "between 0 and 1, and not 1"],
        ["epsilon", -1, "a number ≥ 0"],
        ["clipNorm", 0, "a positive number"],
      ] as const
    ).map(([option, value, what]): [ErrorClass, string, () => unknown] => [
      ValueError,
      `adamw: ${option} is ${what}, got ${value}`,
      () => optim.adamw([w], { [option]: value }),
    ]),
    [
      ValueError,
      "adamw: weightDecay is a number ≥ 0, got Infinity",
      () => optim.adamw([w], { weightDecay: Infinity }),
    ],
    ...[{ nesterov: true }, { dampening: 0.5 }].map(
      (options): [ErrorClass, string, () => unknown] => [
        ValueError,
        "sgd: nesterov and dampening take a momentum, which is 0",
        () => optim.sgd([w], options),
      ],
    ),
    [
      ShapeError,
      "layerNorm: the layer's shape has one axis or more, got []",
      () => nn.layerNorm([]),
    ],
    [
      ValueError,
      "layerNorm: epsilon is a number ≥ 0, got -1",
      () => nn.layerNorm(3, { epsilon: -1 }).forward(logits),
    ],
    ...[tensor([0, 1, 2, 0]), tensor([true, false, true, true])].map(
      (labels): [ErrorClass, string, () => unknown] => [
        DtypeError,
        `accuracy: indices are int32 or uint32, got ${labels.dtype}; cast them`,
        () => nn.accuracy(logits, labels),
      ],
    ),
    ...[pairs, pairs.subset([1, 0])].flatMap((set): [ErrorClass, string, () => unknown][] => [
      [ValueError, "rows: end is a whole number from 1 to 2, got 3", () => set.rows(1, 3)],
      [ValueError, "rows: end is a whole number from 2 to 2, got 1", () => set.rows(2, 1)],
      [ValueError, "rows: start is a whole number ≥ 0, got -1", () => set.rows(-1, 2)],
    ]),
    [ValueError, "globalNorm: there are no gradients", () => optim.globalNorm([])],
    ...[1, 2, Infinity].map((order): [ErrorClass, string, () => unknown] => [
      ArgumentError,
      "globalNorm: expected a tensor, got null",
      () => optim.globalNorm([null as never], { order }),
    ]),
    [
      ArgumentError,
      "globalNorm: gradients are a list, got undefined",
      () => optim.globalNorm(undefined as never),
    ],
  ])("%o: %s", (Class, message, act) => {
    const error = thrown(act);
    expect(error).toBeInstanceOf(Class);
    expect((error as Error).message).toBe(message);
  });

  test.each([
    ["a module, got undefined", undefined, undefined, undefined],
    ["a data set of x and y, got Array", "model", [1, 2], undefined],
    ["options { loss, optimizer, ", "model", "set", undefined],
    ["a loss, as nn.mse, got string", "model", "set", { loss: "mse" }],
    ["an optimizer, as optim.sgd(…), got undefined", "model", "set", { loss: nn.mse }],
  ])("fit expects %s", async (message, model, set, options) => {
    const given = {
      model: nn.linear(1, 1),
      set: pairs,
    };
    const pick = (x: unknown) => given[x as keyof typeof given] ?? x;
    const attempt = fit(pick(model) as never, pick(set) as never, options as never);
    await expect(attempt).rejects.toThrow(ArgumentError);
    await expect(attempt).rejects.toThrow(`fit: expected ${message}`);
  });

  test.each<[ErrorClass, string, () => unknown]>([
    [ValueError, "a data set has inputs x and targets y, this one x, label", () => [{}, labelled]],
    [
      ValueError,
      "a validation set has inputs x and targets y, this one x, label",
      () => [{ validation: labelled }],
    ],
    [ValueError, "the validation set has no examples", () => [{ validation: pairs.take(0) }]],
    [ArgumentError, "expected a validation set of x and y, got Array", () => [{ validation: [1] }]],
    [ArgumentError, "expected onProgress, a function, got string", () => [{ onProgress: "log" }]],
    [
      ArgumentError,
      "expected an AbortSignal, got an instance of AbortController",
      () => [{ signal: new AbortController() }],
    ],
    ...[nn.mse, [nn.mse], { error: "mse" }, null].map(
      (metrics): [ErrorClass, string, () => unknown] => [
        ArgumentError,
        "metrics are functions by name, as in { accuracy: nn.accuracy }",
        () => [{ metrics }],
      ],
    ),
    [
      ArgumentError,
      "minDelta is a number ≥ 0, got string",
      () => [{ earlyStopping: { patience: 1, minDelta: "0.1" } }],
    ],
    [ArgumentError, "patience is a number of epochs, got undefined", () => [{ earlyStopping: {} }]],
    [
      ValueError,
      'mode is "min" or "max", got most',
      () => [{ earlyStopping: { patience: 1, mode: "most" } }],
    ],
    [
      ArgumentError,
      "expected the loss to be a tensor, got undefined",
      () => [{ loss: () => undefined }],
    ],
    [
      ArgumentError,
      "expected error to be a tensor, got number",
      () => [{ metrics: { error: () => 1 } }],
    ],
    [
      ShapeError,
      "the loss has shape [2, 1] and is not a scalar; reduce it, as in x.mean()",
      () => [{ loss: (p: Tensor, t: Tensor) => p.sub(t) }],
    ],
  ])("fit: %o: %s", async (Class, message, act) => {
    const model = nn.linear(1, 1);
    const optimizer = optim.sgd(model.parameters());
    const [options, set = pairs] = act() as [object, typeof pairs?];
    const attempt = fit(model, set, { loss: nn.mse, optimizer, ...options });
    await expect(attempt).rejects.toThrow(Class);
    await expect(attempt).rejects.toThrow(`fit: ${message}`);
  });

  test("a parameter that the loss reaches only through a comparison is an error of minimize, and so is a loss that is no float", () => {
    const v = variable([1, 2]);
    const optimizer = optim.sgd([v], { learningRate: 1 });
    const attempt = () => optimizer.minimize(v.greater(0).cast("float32").sum());
    expect(attempt).toThrow(GradientError);
    expect(attempt).toThrow(/^minimize: .* only through greater/);
    expect(() => optimizer.minimize(v.greater(0).any())).toThrow(
      "minimize: bool[] any is not a float, so it has no derivative",
    );
  });

  test("a label that only the device knows reads and writes nothing out of bounds", async () => {
    const z = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const labels = tensor(Int32Array.of(500_000, -7)).add(0);
    const loss = nn.softmaxCrossEntropy(z, labels, { reduction: "none" });
    const nearest = nn.softmaxCrossEntropy(z, tensor(Int32Array.of(2, 0)), { reduction: "none" });
    const expected = Array.from(await nearest.data(), (v) => expect.closeTo(v, 5) as number);
    expect(Array.from(await loss.data())).toEqual(expected);
    const [dz] = gradients(loss.sum(), [z]);
    expect((await dz.data()).every(Number.isFinite)).toBe(true);
  });
});
