import { gradients, init, nn, tensor, type Tensor } from "cotangent";
import { describe, expect, test } from "vitest";
import { backends } from "../backends.ts";
import { readGolden, type GoldenCase } from "../golden/read.ts";

interface LossCase extends GoldenCase {
  err32: Record<string, { abs: number; scale: number }>;
  grads: (keyof Inputs)[];
}

const { cases, tensors } = await readGolden("softmax_loss");

interface Attrs {
  reduction?: nn.Reduction;
  label_smoothing?: number;
  ignore_index?: number;
}

type Inputs = Record<"x" | "t" | "target" | "p" | "w" | "b" | "weight", Tensor>;
type Loss = (inputs: Inputs, attrs: Attrs) => Tensor;

const losses: Record<string, Loss> = {
  bce_logits: ({ x, t }, a) => nn.bceWithLogits(x, t, a),
  bce_logits_extreme: ({ x, t }, a) => nn.bceWithLogits(x, t, a),
  bce_logits_posw: ({ x, t }, a) => nn.bceWithLogits(x, t, { ...a, positiveWeight: 2.5 }),
  cross_entropy: ({ x, target, weight }, a) =>
    nn.softmaxCrossEntropy(x, target, {
      reduction: a.reduction,
      labelSmoothing: a.label_smoothing,
      classWeights: weight,
      ignoreLabel: a.ignore_index,
    }),
  cross_entropy_nd: ({ x, target }, a) => nn.softmaxCrossEntropy(x, target, { ...a, axis: 1 }),
  cross_entropy_soft: ({ x, p }, a) => nn.softmaxCrossEntropy(x, p, a),
  hinge: ({ x, t }, a) => nn.hinge(x, t, a),
  "huber_0.5": ({ x, t }, a) => nn.huber(x, t, { ...a, delta: 0.5 }),
  huber_1: ({ x, t }, a) => nn.huber(x, t, a),
  l1: ({ x, t }, a) => nn.mae(x, t, a),
  logistic_regression: ({ x, w, b, target }) => nn.softmaxCrossEntropy(x.matmul(w).add(b), target),
  mse: ({ x, t }, a) => nn.mse(x, t, a),
  nll_loss: ({ x, target }, a) => nn.softmaxCrossEntropy(x, target, a),
  soft_margin: ({ x, t }, a) => nn.logisticLoss(x, t, a),
};

function inputsOf({ id }: GoldenCase): Inputs {
  const found = [...tensors].filter(([name]) => name.startsWith(`${id}/in.`));
  return Object.fromEntries(
    found.map(([name, { data, shape }]) => {
      const dtype = data instanceof Int32Array ? "int32" : "float32";
      return [name.slice(`${id}/in.`.length), tensor(Array.from(data), shape, { dtype })];
    }),
  ) as Inputs;
}

/** How far a value may be from the truth: float64 nearly exact, float32 as the goldens' README says. */
function toleranceOf(backend: string, { err32 }: LossCase, name: string): number {
  const { abs, scale } = err32[name];
  return backend === "cpu" ? 1e-12 * scale : Math.max(8 * abs, 32 * 2 ** -24 * scale) + 1.2e-38;
}

async function expectNear(got: Tensor, truth: ArrayLike<number>, tolerance: number) {
  const values = await got.data<Float64Array>({ dtype: "float64" });
  const far = Array.from(truth, (v, i) => Math.abs(values[i] - v));
  expect(values.length).toBe(truth.length);
  expect(Math.max(...far)).toBeLessThanOrEqual(tolerance);
}

describe.each(backends)("PyTorch's losses on %s", (backend) => {
  const known = (cases as LossCase[]).filter(({ op }) => op in losses);

  test.each(known)("$id", async (c) => {
    await init({ backend });
    const part = (name: string) => tensors.get(`${c.id}/${name}`)!;
    const inputs = inputsOf(c);
    const y = losses[c.op](inputs, c.attrs);
    await expectNear(y, part("out64.y").data, toleranceOf(backend, c, "y"));
    const names = c.grads.filter((name) => tensors.has(`${c.id}/gin64.${name}`));
    const gout = part("gout.y");
    const got = gradients(
      y,
      names.map((name) => inputs[name]),
      tensor(gout.data, gout.shape),
    );
    for (const [i, name] of names.entries()) {
      await expectNear(got[i], part(`gin64.${name}`).data, toleranceOf(backend, c, `d${name}`));
    }
  });
});
