import {
  ArgumentError,
  arange,
  compile,
  complexStepGrad,
  conv2d,
  data,
  eye,
  fit,
  full,
  grad,
  init,
  layerNorm,
  matmul,
  nn,
  numericGrad,
  ones,
  optim,
  random,
  tensor,
  valueAndGrad,
  ValueError,
  variable,
  zeros,
  type Tensor,
} from "cotangent";
import { selfTest } from "cotangent/check";
import { expect, test } from "vitest";

// A misspelt option, or a bare value in the place of options, would train something else in silence.

const x = zeros([2, 3]);
const w = variable([1, 2]);
const set = data.dataset({ x, y: x });
const model = nn.linear(3, 3);
const optimizer = optim.sgd(model.parameters());
const identity = (y: Tensor) => y;
const training = { loss: nn.mse, optimizer };

const shared = ["learningRate", "clipValue", "clipNorm"];
const fitting = ["loss", "optimizer", "epochs", "batchSize", "shuffle", "seed", "validation"];
fitting.push("metrics", "onProgress", "signal", "earlyStopping", "snapshotEvery");
const crossEntropy = ["reduction", "labelSmoothing", "axis", "classWeights", "ignoreLabel"];
const initial = ["backend", "gpu", "powerPreference", "requiredFeatures", "precision"];

test.each<[op: string, known: string[], act: (options: never) => unknown]>([
  ["init", initial, init],
  [
    "adam",
    [...shared, "beta1", "beta2", "epsilon", "weightDecay", "amsgrad"],
    (o) => optim.adam([w], o),
  ],
  [
    "adamw",
    [...shared, "beta1", "beta2", "epsilon", "weightDecay", "amsgrad"],
    (o) => optim.adamw([w], o),
  ],
  [
    "sgd",
    [...shared, "momentum", "dampening", "nesterov", "weightDecay"],
    (o) => optim.sgd([w], o),
  ],
  [
    "rmsprop",
    [...shared, "alpha", "epsilon", "momentum", "centered", "weightDecay"],
    (o) => optim.rmsprop([w], o),
  ],
  [
    "adagrad",
    [...shared, "learningRateDecay", "epsilon", "weightDecay", "initialSum"],
    (o) => optim.adagrad([w], o),
  ],
  ["exponential", ["factor"], (o) => optim.exponential(1, o)],
  ["step", ["every", "factor"], (o) => optim.step(1, o)],
  ["multiStep", ["milestones", "factor"], (o) => optim.multiStep(1, o)],
  ["cosine", ["steps", "final"], (o) => optim.cosine(1, o)],
  ["cosineRestarts", ["steps", "growth", "final"], (o) => optim.cosineRestarts(1, o)],
  ["linearWarmup", ["steps", "start", "end"], (o) => optim.linearWarmup(1, o)],
  ["warmupCosine", ["warmup", "steps", "final"], (o) => optim.warmupCosine(1, o)],
  ["polynomial", ["steps", "power", "final"], (o) => optim.polynomial(1, o)],
  ["inverseSqrt", ["warmup"], (o) => optim.inverseSqrt(1, o)],
  [
    "oneCycle",
    ["steps", "rise", "startDivisor", "endDivisor", "shape", "threePhases"],
    (o) => optim.oneCycle(1, o),
  ],
  ["cyclic", ["up", "down", "mode", "factor"], (o) => optim.cyclic(0, 1, o)],
  ["globalNorm", ["order"], (o) => optim.globalNorm([w], o)],
  ["clipByGlobalNorm", ["order"], (o) => optim.clipByGlobalNorm([w], 1, o)],
  ["fit", fitting, (o) => fit(model, set, o)],
  [
    "fit.earlyStopping",
    ["patience", "minDelta", "monitor", "mode", "restoreBest"],
    (earlyStopping) => fit(model, set, { ...training, earlyStopping }),
  ],
  ["random.uniform", ["min", "max"], (o) => random.uniform([2], o)],
  ["random.normal", ["mean", "std"], (o) => random.normal([2], o)],
  ["siren", ["w0", "first"], (o) => nn.init.siren(o)],
  ["batches", ["shuffle", "seed", "dropLast"], (o) => set.batches(1, o)],
  ["resident", ["batchSize", "shuffle", "seed"], (o) => data.resident(set, o)],
  ["split", ["seed"], (o) => set.split(0.5, o)],
  ["embedding", ["paddingIndex", "weightInit"], (o) => nn.embedding(4, 2, o)],
  ["linear", ["bias", "weightInit", "biasInit"], (o) => nn.linear(2, 3, o)],
  [
    "conv2d",
    ["bias", "stride", "padding", "dilation", "groups"],
    (o) => conv2d(zeros([1, 1, 1, 1]), zeros([1, 1, 1, 1]), o),
  ],
  [
    "conv1d",
    ["bias", "weightInit", "biasInit", "stride", "padding", "dilation", "groups"],
    (o) => nn.conv1d(2, 3, 3, o),
  ],
  ["mlp", ["activation", "dropout", "bias", "weightInit", "biasInit"], (o) => nn.mlp([2, 3], o)],
  ["layerNorm", ["epsilon"], (o) => nn.layerNorm(3, o)],
  ["layerNorm", ["epsilon"], (o) => layerNorm(x, -1, o)],
  ["softmaxCrossEntropy", crossEntropy, (o) => nn.softmaxCrossEntropy(x, x, o)],
  ...Object.entries({
    mae: nn.mae,
    mse: nn.mse,
    hinge: nn.hinge,
    logisticLoss: nn.logisticLoss,
  }).map(([name, loss]): [string, string[], (options: never) => unknown] => [
    name,
    ["reduction"],
    (o) => loss(x, x, o),
  ]),
  ["huber", ["delta", "reduction"], (o) => nn.huber(x, x, o)],
  ["bceWithLogits", ["positiveWeight", "reduction"], (o) => nn.bceWithLogits(x, x, o)],
  ["compile", ["inputs", "onProgress"], (o) => compile(identity, o)],
  ["grad", ["argnums"], (o) => grad(identity, o)],
  ["valueAndGrad", ["argnums"], (o) => valueAndGrad(identity, o)],
  ["numericGrad", ["method", "eps"], (o) => numericGrad(identity, 1, o)],
  ["complexStepGrad", ["direction"], (o) => complexStepGrad(identity, 1, o)],
  ["random.uniform", ["min", "max"], (o) => random.uniform([2], o)],
  ["random.normal", ["mean", "std"], (o) => random.normal([2], o)],
  ["selfTest", ["onProgress", "only", "signal"], (o) => selfTest(o)],
  ["siren", ["w0", "first"], (o) => nn.init.siren(o)],
  ["sum", ["keepDims"], (o) => x.sum(1, o)],
  ["mean", ["keepDims"], (o) => x.mean(1, o)],
  ["max", ["keepDims"], (o) => x.max(1, o)],
  ["logSumExp", ["keepDims"], (o) => x.logSumExp(1, o)],
  ["std", ["keepDims", "correction"], (o) => x.std(1, o)],
  ["variance", ["keepDims", "correction"], (o) => x.variance(1, o)],
  ["norm", ["keepDims", "order"], (o) => x.norm(1, o)],
  ["matmul", ["transposeA", "transposeB"], (o) => matmul(x, x, o)],
  ["tensor", ["dtype"], (o) => tensor([1], o)],
  ["tensor", ["dtype"], (o) => tensor([1], [1], o)],
  ["full", ["dtype"], (o) => full([2], 1, o)],
  ["zeros", ["dtype"], (o) => zeros([2], o)],
  ["ones", ["dtype"], (o) => ones([2], o)],
  ["arange", ["dtype"], (o) => arange(0, 2, 1, o)],
  ["eye", ["dtype"], (o) => eye(2, 2, o)],
  ["variable", ["trainable"], (o) => variable([1], o)],
  ["data", ["dtype"], (o) => x.data(o)],
])("%s takes no options but its own: %j", async (op, known, act) => {
  const outcome = async (options: unknown) => act(options as never);
  const names = known.join(", ");
  const misspelt = outcome({ tpyo: 1 });
  await expect(misspelt).rejects.toThrow(ValueError);
  await expect(misspelt).rejects.toThrow(`${op}: there is no option "tpyo"; there are ${names}`);
  for (const [value, kind] of [
    ["cpu", "string"],
    [0.1, "number"],
    [true, "boolean"],
    [null, "null"],
  ]) {
    await expect(outcome(value)).rejects.toThrow(ArgumentError);
    await expect(outcome(value)).rejects.toThrow(
      `${op}: expected options { ${names} }, got ${kind}`,
    );
  }
});
