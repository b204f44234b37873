import {
  checkGradients,
  complexStepGrad,
  det,
  GradientError,
  init,
  nn,
  numericGrad,
  numericGradError,
  ShapeError,
  tensor,
  validate,
  variable,
  where,
  type Tensor,
} from "cotangent";
import { beforeAll, describe, expect, test } from "vitest";
import { backends } from "../backends.ts";

describe.each(backends)("oracles on %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  const f = (x: Tensor) => x.square().sum().pow(1.5); // ‖x‖³
  const x = () => tensor([1, 2, 2]);

  test.each([
    [{ method: "forward", eps: 1e-8 }, 4],
    [{ method: "central" }, 7],
    [undefined, 7],
  ] as const)("numericGrad, %o", async (options, digits) => {
    const g = await numericGrad(f, x(), options);
    expect(g).toBeInstanceOf(Float64Array);
    [9, 18, 18].forEach((v, i) => expect(g[i]).toBeCloseTo(v, digits));
  });

  test("complexStepGrad is exact to rounding", async () => {
    const g = await complexStepGrad(f, x());
    expect(g).toBeInstanceOf(Float64Array);
    [9, 18, 18].forEach((v, i) => expect(g[i]).toBeCloseTo(v, 12));
    const kinked = (v: Tensor) => where(v.greater(0), v.exp(), v.relu()).sum();
    expect(Array.from(await complexStepGrad(kinked, tensor([1, -1])))).toEqual([
      expect.closeTo(Math.E, 14),
      0,
    ]);
  });

  test("complexStepGrad of a determinant is its cofactors, where the matrix is singular too", async () => {
    const singular = tensor([
      [1, 2],
      [2, 4],
    ]);
    expect(await complexStepGrad(det, singular)).toEqual(Float64Array.of(4, -2, -2, 1));
  });

  test("complexStepGrad in one direction is ∇f · d, by one evaluation", async () => {
    const along = await complexStepGrad(f, x(), { direction: [1, 0, -1] });
    expect(along).toBeCloseTo(9 - 18, 12);
    const matrix = tensor([
      [0.5, -1],
      [2, 0.25],
    ]);
    const d = tensor([
      [1, -2],
      [0.5, 3],
    ]);
    const g = (v: Tensor) => v.matmul(v.tanh()).softmax(-1).square().sum();
    const whole = await complexStepGrad(g, matrix);
    const inner = [1, -2, 0.5, 3].reduce((sum, part, i) => sum + part * whole[i], 0);
    expect(await complexStepGrad(g, matrix, { direction: d })).toBeCloseTo(inner, 14);
    expect(
      await complexStepGrad((v) => v.greater(0).cast("float32").sum(), x(), { direction: x() }),
    ).toBe(0);
    const beyond = tensor([-2]);
    expect(await complexStepGrad((v) => v.log().sum(), beyond)).toEqual(Float64Array.of(NaN));
    expect(await complexStepGrad((v) => v.sqrt().sum(), beyond, { direction: [1] })).toBe(NaN);
    const flat = complexStepGrad(g, matrix, { direction: [1, 2, 3, 4] });
    await expect(flat).rejects.toThrow("the direction has shape [4], x has [2, 2]");
    const misspelt = { directions: d } as object;
    await expect(complexStepGrad(g, matrix, misspelt)).rejects.toThrow(/no option "directions"/);
  });

  test("numericGradError: least near √u, near ∛u, and complex steps exact below 10⁻⁸", async () => {
    const { eps, ...errors } = await numericGradError(f, x());
    expect([eps.length, eps[0], eps[28], eps[60]]).toEqual([61, 1e-15, 1e-8, 1]);
    expect(eps[1] / eps[0]).toBeCloseTo(10 ** 0.25, 12);
    for (const list of Object.values(errors)) expect(list).toHaveLength(61);
    const best = (list: readonly number[]) => eps[list.indexOf(Math.min(...list))];
    expect(best(errors.forward)).toBeGreaterThan(1e-9);
    expect(best(errors.forward)).toBeLessThan(1e-7);
    expect(best(errors.central)).toBeGreaterThan(1e-6);
    expect(best(errors.central)).toBeLessThan(1e-4);
    expect(Math.min(...errors.forward)).toBeLessThan(1e-7);
    expect(Math.min(...errors.central)).toBeLessThan(1e-9);
    eps.forEach((e, i) => {
      if (e <= 1e-8) expect(errors.complexStep[i]).toBeLessThan(1e-15);
      // The error of the formula: f″ε/2, f‴ε²/6.
      if (e < 1e-6 || e > 0.1) return;
      const [forward, complexStep] = [errors.forward[i] / e, errors.complexStep[i] / e ** 2];
      expect(forward).toBeCloseTo(13 / 2 / 18, 1);
      expect(complexStep).toBeCloseTo(errors.complexStep[52] / eps[52] ** 2, 3);
      if (e > 1e-3) expect(errors.central[i] / e ** 2).toBeCloseTo(complexStep, 3);
    });
    // What rounding takes.
    expect(Math.max(errors.forward[4], errors.forward[5])).toBeGreaterThan(1e-3);
    expect(Math.max(errors.central[4], errors.central[5])).toBeGreaterThan(1e-3);
    const bounded = await numericGradError((v) => v.sub(0.5).log().sum(), x());
    expect(bounded.central.at(-1)).toBe(Infinity);
    const outside = await numericGradError((v) => v.log().sum(), tensor([1, -1]));
    for (const list of [outside.forward, outside.central, outside.complexStep])
      expect(list).toEqual(eps.map(() => NaN));
    // Not analytic: the complex reference takes the real part of what has no complex rule.
    const constant = await numericGradError((v) => v.floor().sum(), tensor([0.5]));
    expect(constant.complexStep).toEqual(eps.map(() => 0));
  });

  test("checkGradients", async () => {
    const report = await checkGradients(f, x());
    expect(report.ok).toBe(true);
    expect(report.errors.complexStep.relative).toBeLessThan(1e-12);
    expect(report.errors.central.relative).toBeLessThan(1e-6);
    expect(report.errors.forward.relative).toBeLessThan(1e-12);
    expect(report.errors.secondOrder.relative).toBeLessThan(1e-12);
    expect(report.errors.device.relative).toBeLessThan(1e-5);
    expect(Array.from(report.forward)).toEqual([9, 18, 18].map((d) => expect.closeTo(d, 12)));
    // 3(xxᵀ/‖x‖ + ‖x‖I)v for v = (cos 0, cos 1, cos 2)
    const v = [Math.cos(0), Math.cos(1), Math.cos(2)];
    const inner = v[0] + 2 * v[1] + 2 * v[2];
    const second = [1, 2, 2].map((xi, i) => expect.closeTo(xi * inner + 9 * v[i], 12));
    expect(Array.from(report.secondOrder)).toEqual(second);
    expect(String(report)).not.toContain("[object");
    const model = nn.sequential(nn.linear(3, 4), nn.tanh(), nn.linear(4, 1));
    expect((await checkGradients((v) => model.forward(v).sum(), x())).ok).toBe(true);
  });

  test.each<[string, (v: Tensor) => Tensor]>([
    ["linear", (v) => v.mul(3).sum()],
    ["analytic piece by piece", (v) => v.relu().add(v.max()).mul(v.sum()).sum()],
    ["constant", (v) => v.floor().sum()],
  ])("checkGradients of a function that is %s", async (_, kind) => {
    expect((await checkGradients(kind, tensor([0.3, -1.2, 2.5]))).ok).toBe(true);
  });

  test("at a variable that the function reads too, not yet computed", async () => {
    for (const oracle of [numericGrad, complexStepGrad]) {
      const w = variable([1, 2, 3]);
      w.assign(w.mul(2));
      expect(Array.from(await oracle((v) => v.mul(w).sum(), w))).toEqual([
        expect.closeTo(2, 6),
        expect.closeTo(4, 6),
        expect.closeTo(6, 6),
      ]);
    }
    const model = nn.linear(3, 2);
    const used = (v: Tensor) => model.forward(x().mul(v.sum())).sum();
    expect((await checkGradients(used, model.weight)).ok).toBe(true);
  });

  test("validate", async () => {
    const report = await validate(f, x());
    expect(report.ops.length).toBeGreaterThan(0);
    expect(report.worst?.relative).toBeLessThan(1e-5);
    const two = await validate((a: Tensor, b: Tensor) => [a.matmul(b), a.sum()], x(), x());
    expect(two.worst?.relative).toBeLessThan(1e-5);
  });

  test("bad input", async () => {
    await expect(numericGrad((v) => v.mul(2), x())).rejects.toThrow(ShapeError);
    await expect(complexStepGrad((v) => v.mul(2), x())).rejects.toThrow(ShapeError);
    const k = tensor([1], { dtype: "int32" });
    await expect(complexStepGrad((v) => v.sum(), k)).rejects.toThrow(GradientError);
    await expect(numericGrad(f, x(), { eps: 0 })).rejects.toThrow(RangeError);
    await expect(numericGradError(f, k)).rejects.toThrow(/^numericGradError: int32/);
    const step = (v: Tensor) => v.greater(0).cast("float32").sum();
    for (const [name, check] of Object.entries({ checkGradients, numericGradError })) {
      await expect(check(step, x())).rejects.toThrow(
        `${name}: float32[] sum depends on x only through greater, which has no derivative`,
      );
    }
    const method = "backward" as "forward";
    await expect(numericGrad(f, x(), { method })).rejects.toThrow(/"forward" or "central"/);
  });
});
