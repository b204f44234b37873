import { expect, test } from "vitest";
import { gradients } from "../../src/autodiff/gradients.ts";
import type { Dtype } from "../../src/base/dtype.ts";
import { DtypeError } from "../../src/base/errors.ts";
import { threefry, uniformFromBits } from "../../src/base/threefry.ts";
import { constantOf } from "../../src/graph/build.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { functions as f, POINTS, records, samplesOf } from "./elementwise-cases.ts";
import { complexStep, derivative, floats, valueOf } from "./reference.ts";

const { abs } = Math;

/** Uniform numbers between two, the same for the same seed. */
function uniform(seed: number, low: number, high: number): Float64Array {
  return Float64Array.from(
    { length: POINTS },
    (_, i) => low + (high - low) * uniformFromBits(threefry(seed, 0, i, 0)[0]),
  );
}

function typed(dtype: Dtype, values: number[]): Tensor {
  const data = { float32: Float64Array, int32: Int32Array, uint32: Uint32Array, bool: Uint8Array };
  return constantOf(data[dtype].from(values), { shape: [values.length], dtype });
}

const ones = (y: Tensor) => floats(new Float64Array(y.size).fill(1), y.shape);
const list = (y: Tensor) => [...valueOf(y)];
const at = (x: number, call: (x: Tensor) => Tensor) => valueOf(call(floats([x])))[0];

const names = [...records.keys()];
const differentiable = names.filter((name) => records.get(name)!.derivative.kind !== "none");

test("records are named as they are exported", () => {
  for (const [name, op] of records) expect(op.name).toBe(name);
  expect(records.size).toBeGreaterThan(75);
});

test.each(differentiable)("%s: three derivatives agree with complex steps", (name) => {
  samplesOf(name).forEach(({ f: call, domains }, sample) => {
    const xs = domains.map(([low, high], k) => floats(uniform(10 * sample + k, low, high)));
    const vs = xs.map((x, k) => [x, uniform(100 + k, -1, 1)] as const);
    let y = call(...xs);
    expect(valueOf(y).every(Number.isFinite)).toBe(true);
    for (let order = 1; order <= 3; order++) {
      const partials = gradients(y, xs, ones(y));
      const values = partials.map(valueOf);
      complexStep(y, new Map(vs)).forEach((step, i) => {
        const terms = vs.map(([, v], k) => values[k][i] * v[i]);
        const sum = terms.reduce((a, b) => a + b);
        const scale = terms.reduce((a, b) => a + abs(b), 1);
        expect(abs(sum - step) / scale, `order ${order}, point ${i}`).toBeLessThan(2e-12);
      });
      // Another function of all derivatives for the next order.
      y = partials.map((g, k) => f.mul(g, k + 1)).reduce((a, b) => f.add(a, b));
    }
  });
});

const smooth = ["sigmoid", "tanh", "sech", "softplus", "logSigmoid", "softsign", "silu", "swish"]
  .concat(["mish", "gelu", "elu", "celu", "selu", "erf", "erfc", "tanhShrink", "sinc", "atan"])
  .concat(["relu", "leakyRelu", "relu6", "hardTanh", "hardSwish", "hardSigmoid", "softShrink"])
  .concat(["hardShrink", "step", "asinh", "sin", "logAddExp"]);

test.each(smooth)("%s and three derivatives are finite far out", (name) => {
  for (const { f: call, domains } of samplesOf(name)) {
    const xs = domains.map((_, k) =>
      floats([1e4, -1e4, 300, -300, 30, -30, 0].map((x) => x / (k + 1))),
    );
    let y = call(...xs);
    for (let order = 0; order <= 3; order++) {
      expect(list(y).every(Number.isFinite), `order ${order}: ${list(y).join(" ")}`).toBe(true);
      y = derivative(y, xs[0]);
    }
  }
});

test("derivatives keep their digits where they are tiny", () => {
  const d = (call: (x: Tensor) => Tensor, order: number) => (x: Tensor) => {
    let y = call(x);
    for (let i = 0; i < order; i++) y = derivative(y, x);
    return y;
  };
  const e = Math.exp(-30);
  expect(at(30, d(f.sigmoid, 1)) / e).toBeCloseTo(1, 12);
  expect(at(30, d(f.sigmoid, 2)) / -e).toBeCloseTo(1, 12);
  expect(at(30, d(f.tanh, 1)) / (4 * e * e)).toBeCloseTo(1, 12);
  expect(at(-30, d(f.elu, 1)) / e).toBeCloseTo(1, 12);
  expect(at(-30, d(f.softplus, 1)) / e).toBeCloseTo(1, 12);
  expect(at(30, d(f.logSigmoid, 1)) / e).toBeCloseTo(1, 12);
  expect(at(1e-6, f.tanhShrink) / 3.333333333332e-19).toBeCloseTo(1, 12);
  expect(at(0.7, d(f.swish, 2))).toBeCloseTo(0.3912, 4);
  expect(at(0.7, d(f.mish, 2))).toBeCloseTo(0.354, 4);
});

test("powers at 0 have the derivatives from the right", () => {
  const a = floats([0, 0, 0, 0]);
  const b = floats([0, 1, 2, 0.5]);
  const y = f.pow(a, b);
  expect(list(y)).toEqual([1, 0, 0, 0]);
  expect(list(derivative(y, a))).toEqual([0, 1, 0, Infinity]);
  expect(list(derivative(y, b))).toEqual([0, 0, 0, 0]);
  const squared = f.pow(a, b);
  expect(list(derivative(derivative(squared, a), a))[2]).toBe(2);
  for (const [n, d] of [
    [0, 0],
    [1, 1],
    [2, 0],
    [3, 0],
  ]) {
    expect(at(0, (x) => derivative(f.pow(x, n), x))).toBe(d);
  }
  expect(at(NaN, (x) => f.pow(x, 0))).toBe(1);
  expect(list(f.pow(floats([1, -1, -2]), floats([NaN, Infinity, 0.5])))).toEqual([1, 1, NaN]);
});

test("xlogy is 0 at x = 0 whatever y is, and its slopes there are those from the right", () => {
  const x = floats([0, 0, 0, 0, 0, -0, 2, 2, 2, NaN, 0.5]);
  const y = floats([0, 3, Infinity, -1, NaN, 0, 0, -1, 1, 1, 0.25]);
  const z = f.xlogy(x, y);
  const half = 0.5 * Math.log(0.25);
  expect(list(z)).toEqual([0, 0, 0, 0, NaN, 0, -Infinity, NaN, 0, NaN, half]);
  const logs = list(y).map(Math.log);
  expect(list(derivative(z, x))).toEqual(logs);
  expect(list(derivative(z, y))).toEqual([0, 0, 0, -0, NaN, -0, Infinity, -2, 2, NaN, 2]);
  // ∂²/∂x∂y = 1/y, where there is a slope at all.
  expect(list(derivative(derivative(z, y), x)).slice(1, 3)).toEqual([1 / 3, 0]);
  // −Σ p log p and its gradient −log p − 1, at p = 0 too.
  const p = floats([0, 0.25, 0.75]);
  const entropy = f.neg(f.xlogy(p, p));
  expect(list(derivative(entropy, p))).toEqual([
    Infinity,
    ...[0.25, 0.75].map((q) => -Math.log(q) - 1),
  ]);
});

test("where selects, and so does its derivative", () => {
  const x = floats([-1, 0, 4]);
  const y = f.where(f.greater(x, 0), f.log(x), 0);
  expect(list(y)).toEqual([0, 0, Math.log(4)]);
  const z = floats([1, 2, 3]);
  const mixed = f.where(typed("bool", [1, 0, 1]), floats([NaN, NaN, 1]), f.square(z));
  expect(list(derivative(mixed, z))).toEqual([0, 4, 0]);
  expect(valueOf(f.where(typed("bool", [1, 0]), typed("int32", [1, 2]), 7))).toEqual(
    Int32Array.of(1, 7),
  );
  expect(() => f.where(x, 1, 2)).toThrow(DtypeError);
});

test("kinks: each derivative is the one stated", () => {
  const d = (x: number, call: (x: Tensor) => Tensor) => at(x, (t) => derivative(call(t), t));
  expect(d(0, f.abs)).toBe(0);
  expect(d(0, f.relu)).toBe(0);
  expect(d(0, (x) => f.elu(x, 0.5))).toBe(0.5);
  expect([d(-1, (x) => f.clip(x, -1, 2)), d(2, (x) => f.clip(x, -1, 2))]).toEqual([1, 1]);
  expect([d(-1, f.hardTanh), d(1, f.hardTanh)]).toEqual([0, 0]);
  const [a, b] = [floats([1, 2, -Infinity]), floats([1, 1, -Infinity])];
  expect(list(derivative(f.maximum(a, b), a))).toEqual([0.5, 1, 0.5]);
  expect(list(derivative(f.minimum(a, b), b))).toEqual([0.5, 1, 0.5]);
  expect(list(derivative(f.minimum(a, b), a))).toEqual([0.5, 0, 0.5]);
});

test("NaN and infinity go through", () => {
  const [a, b] = [floats([NaN, 1, NaN, Infinity]), floats([1, NaN, NaN, -Infinity])];
  expect(list(f.maximum(a, b))).toEqual([NaN, NaN, NaN, Infinity]);
  expect(list(f.minimum(a, b))).toEqual([NaN, NaN, NaN, -Infinity]);
  expect(list(f.equal(a, a))).toEqual([0, 1, 0, 1]);
  expect(list(f.notEqual(a, a))).toEqual([1, 0, 1, 0]);
  expect(list(f.lessEqual(a, a))).toEqual([0, 1, 0, 1]);
  expect(list(f.isNaN(a))).toEqual([1, 0, 1, 0]);
  expect(list(f.isInf(a))).toEqual([0, 0, 0, 1]);
  expect(list(f.isFinite(a))).toEqual([0, 1, 0, 0]);
  for (const call of [f.relu, f.relu6, f.leakyRelu, f.elu, f.clip, f.hardTanh, f.softShrink]) {
    expect(at(NaN, (x) => call(x))).toBeNaN();
  }
  const infinite = floats([Infinity, -Infinity]);
  expect(list(f.logAddExp(infinite, infinite))).toEqual([Infinity, -Infinity]);
  expect(list(f.hypot(infinite, floats([NaN, 1])))).toEqual([Infinity, Infinity]);
});

test("division that rounds: the signs of Python and C, and exact quotients", () => {
  const a = [7, -7, 7, -7, 1, 6];
  const b = [3, 3, -3, -3, 0.1, 0];
  expect(list(f.remainder(floats(a), floats(b))).slice(0, 4)).toEqual([1, 2, -2, -1]);
  expect(list(f.fmod(floats(a), floats(b))).slice(0, 4)).toEqual([1, -1, 1, -1]);
  // 1 / 0.1 rounds to 10, but 0.1 is a little more than a tenth.
  expect(list(f.floorDivide(floats(a), floats(b)))).toEqual([2, -3, -3, 2, 9, Infinity]);
  const integers = (dtype: Dtype) => [typed(dtype, a.slice(0, 4)), typed(dtype, [3, 0, -3, -3])];
  const [p, q] = integers("int32");
  expect(list(f.remainder(p, q))).toEqual([1, 0, -2, -1]);
  expect(list(f.fmod(p, q)).map((r) => r + 0)).toEqual([1, 0, 1, -1]);
  expect(list(f.floorDivide(p, q))).toEqual([2, 0, -3, 2]);
  expect(list(f.floorDivide(typed("uint32", [2 ** 32 - 1]), 2))).toEqual([2 ** 31 - 1]);
});

test("integers wrap around, floats are asked for by name", () => {
  const x = typed("int32", [2 ** 31 - 1, -5]);
  expect(list(f.add(x, 1))).toEqual([-(2 ** 31), -4]);
  expect(list(f.mul(x, x))).toEqual([1, 25]);
  expect(list(f.squaredDifference(x, -1))).toEqual([0, 16]);
  expect(list(f.neg(typed("uint32", [1])))).toEqual([2 ** 32 - 1]);
  expect(list(f.sign(x))).toEqual([1, -1]);
  expect(list(f.clip(x, 0, 9))).toEqual([9, 0]);
  expect(valueOf(f.add(x, 0.5 * 2)).constructor).toBe(Int32Array);
  expect(() => f.exp(x)).toThrow("exp: takes float32, got int32");
  expect(() => f.clip(x, 0.5)).toThrow(DtypeError);
  expect(() => f.logicalAnd(x, x)).toThrow("logicalAnd: takes bool");
  expect(() => f.less(typed("bool", [1]), typed("bool", [1]))).toThrow(DtypeError);
});

test("round takes the even one of two, lerp hits both ends", () => {
  expect(list(f.round(floats([0.5, 1.5, 2.5, -0.5, -1.5, 1e300, 0.49999999999999994])))).toEqual([
    0, 2, 2, -0, -2, 1e300, 0,
  ]);
  const [a, b] = [floats([0.1, 0.1]), floats([0.7, 0.7])];
  expect(list(f.lerp(a, b, floats([0, 1])))).toEqual([0.1, 0.7]);
});
