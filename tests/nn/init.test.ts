import { init, nn, random } from "cotangent";
import { beforeEach, describe, expect, test } from "vitest";
import { backends } from "../backends.ts";

describe.each(backends)("initialisers on %s", (backend) => {
  beforeEach(async () => {
    await init({ backend });
    random.seed(4);
  });

  const { init: make } = nn;
  const size = [80, 120] as const;

  test.each<[string, nn.init.Initializer, number]>([
    ["glorotUniform", make.glorotUniform(), 2 / 200],
    ["glorotNormal", make.glorotNormal(2), (4 * 2) / 200],
    ["heUniform", make.heUniform(), 2 / 80],
    ["heNormal", make.heNormal(), 2 / 80],
    ["lecunUniform", make.lecunUniform(), 1 / 80],
    ["lecunNormal", make.lecunNormal(), 1 / 80],
    ["siren", make.siren({ w0: 30 }), 2 / 80 / 900],
    ["siren's first", make.siren({ first: true }), 1 / 3 / 80 ** 2],
    ["uniform", make.uniform(-2, 2), 4 / 3],
    ["normal", make.normal(0, 3), 9],
    ["orthogonal", make.orthogonal(2), 4 / 120],
  ])("%s has the variance that its formula says, and repeats", async (_, initializer, variance) => {
    const values = await initializer(size).data<Float32Array>();
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const found = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
    // 9,600 draws: the variance of normal ones is off by 1.4 % (one standard deviation).
    expect(found / variance).toBeGreaterThan(0.94);
    expect(found / variance).toBeLessThan(1.06);
    expect(Math.abs(mean) / Math.sqrt(variance)).toBeLessThan(0.05);
    expect(await initializer(size).data()).not.toEqual(values);
    random.seed(4);
    expect(await initializer(size).data()).toEqual(values);
  });

  test.each([
    [3, 5],
    [5, 3],
    [4, 3, 3, 3],
    [5, 2, 2],
  ])("orthogonal %s has orthonormal rows or columns", async (...shape) => {
    const q = make.orthogonal()(shape).reshape([shape[0], -1]);
    const [rows, columns] = q.shape;
    const product = rows < columns ? q.matmul(q.transpose()) : q.transpose().matmul(q);
    const values = await product.data();
    const n = Math.min(rows, columns);
    values.forEach((v, i) => expect(v).toBeCloseTo(Number(i % (n + 1) === 0), 6));
  });

  test("zeros, ones and constant", async () => {
    expect(await make.zeros()([2]).array()).toEqual([0, 0]);
    expect(await make.ones()([2]).array()).toEqual([1, 1]);
    expect(await make.constant(2.5)([2]).array()).toEqual([2.5, 2.5]);
    expect(() => make.heNormal()([3])).toThrow("heNormal: [3] cannot be a layer's weight");
    expect(() => make.orthogonal()([3])).toThrow("orthogonal: [3] is not a matrix");
  });
});
