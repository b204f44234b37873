import { split, where } from "cotangent";
import type { Rules } from "./rule.ts";

/** Functions of two tensors or more. */
export const binary: Rules = {
  add: ({ a, b }) => a.add(b),
  atan2: ({ a, b }) => a.atan2(b),
  div: ({ a, b }) => a.div(b),
  eq: ({ a, b }) => a.equal(b),
  floor_divide: ({ a, b }) => a.floorDivide(b),
  fma: ({ a, b, c }) => a.mul(b).add(c),
  fmod: ({ a, b }) => a.fmod(b),
  ge: ({ a, b }) => a.greaterEqual(b),
  glu: ({ x }) => {
    const [value, gate] = split(x, 2, -1);
    return value.mul(gate.sigmoid());
  },
  gt: ({ a, b }) => a.greater(b),
  hypot: ({ a, b }) => a.hypot(b),
  le: ({ a, b }) => a.lessEqual(b),
  lerp: ({ a, b, w }) => a.lerp(b, w),
  logaddexp: ({ a, b }) => a.logAddExp(b),
  logical_and: ({ a, b }) => a.logicalAnd(b),
  logical_or: ({ a, b }) => a.logicalOr(b),
  logical_xor: ({ a, b }) => a.logicalXor(b),
  lt: ({ a, b }) => a.less(b),
  masked_fill: ({ x, m }, { value }: { value: number }) => where(m, value, x),
  maximum: ({ a, b }) => a.maximum(b),
  minimum: ({ a, b }) => a.minimum(b),
  mul: ({ a, b }) => a.mul(b),
  ne: ({ a, b }) => a.notEqual(b),
  pow: ({ a, b, x }, { exponent }: { exponent?: number }) =>
    exponent === undefined ? a.pow(b) : x.pow(exponent),
  prelu: ({ x, a }) => {
    const slope = a.reshape([-1, ...x.shape.slice(2).map(() => 1)]);
    return where(x.greater(0), x, slope.mul(x));
  },
  remainder: ({ a, b }) => a.remainder(b),
  squared_difference: ({ a, b }) => a.squaredDifference(b),
  sub: ({ a, b }) => a.sub(b),
  swiglu: ({ x, w1, w2, w3 }) => x.matmul(w1).silu().mul(x.matmul(w3)).matmul(w2),
  where: ({ c, a, b }) => where(c, a, b),
};
