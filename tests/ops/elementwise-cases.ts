import { DOMAINS } from "../../src/check/cases.ts";
import { constantOf } from "../../src/graph/build.ts";
import type { MapOp } from "../../src/graph/op.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import * as activations from "../../src/ops/activations.ts";
import * as arithmetic from "../../src/ops/arithmetic.ts";
import * as compare from "../../src/ops/compare.ts";
import * as exponential from "../../src/ops/exponential.ts";
import * as rounding from "../../src/ops/rounding.ts";
import * as trigonometric from "../../src/ops/trigonometric.ts";

/** All exports of the elementwise tables, by name. */
export const functions = {
  ...arithmetic,
  ...rounding,
  ...compare,
  ...exponential,
  ...trigonometric,
  ...activations,
};

/** The records among them. */
export const records = new Map<string, MapOp>(
  Object.entries(functions).flatMap(([name, f]) => ("op" in f ? [[name, f.op as MapOp]] : [])),
);

/** How to call a function on random points: what it is called on, and where its arguments lie. */
export interface Sample {
  f: (...xs: Tensor[]) => Tensor;
  domains: [low: number, high: number][];
}

/** How many points a sample is taken at. */
export const POINTS = 50;

const ALTERNATING = constantOf(
  Uint8Array.from({ length: POINTS }, (_, i) => i % 2),
  { shape: [POINTS], dtype: "bool" },
);

const REAL: [number, number] = [-4, 4];
const POSITIVE: [number, number] = [0.01, 4];

const f = functions;

/** Functions with constants beside their tensors, or tested elsewhere than in the cases that laws and `selfTest` run. */
const special: Record<string, Sample[]> = {
  // Of both signs, which rounding allows here.
  reciprocal: [{ f: f.reciprocal, domains: [REAL] }],
  div: [{ f: f.div, domains: [REAL, REAL] }],
  pow: [{ f: f.pow, domains: [POSITIVE, REAL] }],
  power: [-1, -0.5, 0, 0.5, 1, 2, 3, -3, 4, 2.5].map((b): Sample => ({
    f: (x) => f.power(x, b),
    domains: [POSITIVE],
  })),
  sincDerivative: [0, 1, 5].map((n) => ({ f: (x) => f.sincDerivative(x, n), domains: [REAL] })),
  step: [{ f: (x) => f.step(x, 0.3), domains: [REAL] }],
  leakyRelu: [0.1, -0.3].map((slope) => ({ f: (x) => f.leakyRelu(x, slope), domains: [REAL] })),
  elu: [{ f: (x) => f.elu(x, 0.7), domains: [REAL] }],
  celu: [{ f: (x) => f.celu(x, 0.7), domains: [REAL] }],
  swish: [{ f: (x) => f.swish(x, 1.5), domains: [REAL] }],
  hardShrink: [{ f: (x) => f.hardShrink(x, 0.7), domains: [REAL] }],
  softShrink: [{ f: (x) => f.softShrink(x, 0.7), domains: [REAL] }],
  clip: [
    { f: (x) => f.clip(x, -1, 2), domains: [REAL] },
    { f: (x) => f.clip(x, 1), domains: [REAL] },
  ],
  gelu: [
    { f: (x) => f.gelu(x), domains: [REAL] },
    { f: (x) => f.gelu(x, { approximate: "tanh" }), domains: [REAL] },
  ],
  where: [{ f: (a, b) => f.where(ALTERNATING, a, b), domains: [REAL, REAL] }],
};

/** Ways to call a function of the tables; most take as many tensors as they have parameters. */
export function samplesOf(name: string): Sample[] {
  if (special[name]) return special[name];
  const call = (functions as unknown as Record<string, Sample["f"]>)[name];
  return [{ f: call, domains: Array.from({ length: call.length }, () => DOMAINS[name] ?? REAL) }];
}
