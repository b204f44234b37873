import { choice, slider } from "../site/settings.ts";

/** What each activation is called. */
export const names = {
  sigmoid: "sigmoid",
  tanh: "tanh",
  relu: "ReLU",
  leakyRelu: "leaky ReLU",
  elu: "ELU",
  selu: "SELU",
  celu: "CELU",
  gelu: "GELU",
  silu: "SiLU (swish)",
  mish: "mish",
  softplus: "softplus",
  softsign: "softsign",
  logSigmoid: "log sigmoid",
  hardSigmoid: "hard sigmoid",
  hardTanh: "hard tanh",
  hardSwish: "hard swish",
  relu6: "ReLU6",
  tanhShrink: "tanh shrink",
  softShrink: "soft shrink",
  hardShrink: "hard shrink",
  sin: "sine",
  sinc: "sinc",
  step: "step",
} as const;

/** What is shown: which activation, at which x, and how the weights of the deep network begin. */
export const fields = {
  activation: choice({ label: "Activation", effect: "live", options: names, initial: "tanh" }),
  x: slider({ label: "x", effect: "live", min: -5, max: 5, step: 0.05, initial: 1 }),
  init: choice({
    label: "Weights begin as",
    effect: "live",
    options: {
      glorotNormal: "Glorot’s, made for tanh",
      heNormal: "He’s, made for ReLU",
      orthogonal: "orthogonal matrices",
      small: "too small (σ = 0.02)",
      large: "too large (σ = 0.3)",
    },
    initial: "glorotNormal",
  }),
};
