import type { Tensor } from "cotangent";
import type { Rules } from "./rule.ts";

/** Activations and other functions of one tensor. */
export const elementwise: Rules = {
  abs: ({ x }) => x.abs(),
  acos: ({ x }) => x.acos(),
  acosh: ({ x }) => x.acosh(),
  asin: ({ x }) => x.asin(),
  asinh: ({ x }) => x.asinh(),
  atan: ({ x }) => x.atan(),
  atanh: ({ x }) => x.atanh(),
  ceil: ({ x }) => x.ceil(),
  celu: ({ x }, { alpha }: { alpha: number }) => x.celu(alpha),
  clip: ({ x }, { min, max }: { min: number | null; max: number | null }) =>
    x.clip(min ?? undefined, max ?? undefined),
  cos: ({ x }) => x.cos(),
  cosh: ({ x }) => x.cosh(),
  cube: ({ x }) => x.cube(),
  elu: ({ x }, { alpha }: { alpha: number }) => x.elu(alpha),
  erf: ({ x }) => x.erf(),
  erfc: ({ x }) => x.erfc(),
  exp: ({ x }) => x.exp(),
  exp2: ({ x }) => x.exp2(),
  expm1: ({ x }) => x.expm1(),
  floor: ({ x }) => x.floor(),
  gaussian: ({ x }) => x.square().neg().exp(),
  gelu: ({ x }) => x.gelu(),
  gelu_quick: ({ x }) => x.swish(1.702),
  gelu_tanh: ({ x }) => x.gelu({ approximate: "tanh" }),
  hardshrink: ({ x }, { lambda }: { lambda: number }) => x.hardShrink(lambda),
  hardsigmoid: ({ x }) => x.hardSigmoid(),
  hardswish: ({ x }) => x.hardSwish(),
  hardtanh: ({ x }) => x.hardTanh(),
  leaky_relu: ({ x }, { slope }: { slope: number }) => x.leakyRelu(slope),
  log: ({ x }) => x.log(),
  log10: ({ x }) => x.log10(),
  log1p: ({ x }) => x.log1p(),
  log2: ({ x }) => x.log2(),
  logsigmoid: ({ x }) => x.logSigmoid(),
  mish: ({ x }) => x.mish(),
  neg: ({ x }) => x.neg(),
  reciprocal: ({ x }) => x.reciprocal(),
  relu: ({ x }) => x.relu(),
  relu6: ({ x }) => x.relu6(),
  round: ({ x }) => x.round(),
  rsqrt: ({ x }) => x.rsqrt(),
  selu: ({ x }) => x.selu(),
  sigmoid: ({ x }) => x.sigmoid(),
  sign: ({ x }) => x.sign(),
  silu: ({ x }) => x.silu(),
  sin: ({ x }) => x.sin(),
  sinc: ({ x }) => x.sinc(),
  sinc_pi: ({ x }) => x.mul(Math.PI).sinc(),
  sinh: ({ x }) => x.sinh(),
  siren: ({ x }, { w0 }: { w0: number }) => x.mul(w0).sin(),
  softplus: ({ x }, { beta = 1 }: { beta?: number }) => x.mul(beta).softplus().div(beta),
  softshrink: ({ x }, { lambda }: { lambda: number }) => x.softShrink(lambda),
  softsign: ({ x }) => x.softsign(),
  sqrt: ({ x }) => x.sqrt(),
  square: ({ x }) => x.square(),
  step: ({ x }) => x.step(),
  swish: ({ x }, { beta }: { beta: number }) => x.swish(beta),
  tan: ({ x }) => x.tan(),
  tanh: ({ x }) => x.tanh(),
  tanhshrink: ({ x }) => x.tanhShrink(),
  trunc: ({ x }) => x.trunc(),
};

/** A name and the constants that it may end with: huber_0.5, clip_-0.7_1.9, swish_b1.5. */
const STEM = /(_b?-?\d[\d.]*)+$/;

export const stem = (name: string): string => name.replace(STEM, "");

/** An activation that the attributes of a net name, its constant at the end of the name. */
export function activate(name: string, x: Tensor): Tensor {
  const constant = STEM.exec(name)?.[0].replace(/^_b?/, "");
  const attrs = ["alpha", "beta", "lambda", "slope", "w0"].map((attr) => [attr, Number(constant)]);
  const rule = elementwise[name] ?? elementwise[stem(name)];
  if (!rule) throw new Error(`no activation is called ${name}`);
  return rule({ x }, (constant ? Object.fromEntries(attrs) : {}) as never, {} as never) as Tensor;
}
