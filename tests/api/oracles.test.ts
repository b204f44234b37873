import {
  checkGradients,
  complexStepGrad,
  GradientError,
  init,
  nn,
  numericGrad,
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
    const method = "backward" as "forward";
    await expect(numericGrad(f, x(), { method })).rejects.toThrow(/"forward" or "central"/);
  });
});
