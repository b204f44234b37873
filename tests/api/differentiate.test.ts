import {
  compile,
  grad,
  gradients,
  init,
  jvp,
  nn,
  tensor,
  valueAndGrad,
  vjp,
  type Tensor,
} from "cotangent";
import { beforeAll, describe, expect, test } from "vitest";
import { backends } from "../backends.ts";

const near = (values: number[]) => values.map((v) => expect.closeTo(v, 4) as number);

describe.each(backends)("differentiation on %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  const f = (x: Tensor) => x.square().sum().pow(1.5); // ‖x‖³

  test("grad", async () => {
    expect(await grad(f)(tensor([1, 2, 2])).array()).toEqual(near([9, 18, 18]));
  });

  test("a Hessian by repeated gradients", async () => {
    // 3(xxᵀ/‖x‖ + ‖x‖I)
    const x = tensor([1, 2, 2]);
    const row = (i: number) =>
      grad((v: Tensor) =>
        grad(f)(v)
          .slice([i], [i + 1])
          .sum(),
      )(x);
    const hessian = await Promise.all([0, 1, 2].map(async (i) => row(i).array()));
    expect(hessian).toEqual([near([10, 2, 2]), near([2, 13, 4]), near([2, 4, 13])]);
  });

  test("valueAndGrad with argnums", async () => {
    const loss = (W: Tensor, b: Tensor, x: Tensor) => x.matmul(W).add(b).square().sum();
    const [W, b, x] = [tensor([[1], [2]]), tensor([3]), tensor([[4, 5]])];
    const [value, [dW, db]] = valueAndGrad(loss, { argnums: [0, 1] })(W, b, x);
    expect(await value.item()).toBeCloseTo(17 ** 2, 2);
    expect(await dW.array()).toEqual([near([136]), near([170])]);
    expect(await db.array()).toEqual(near([34]));
    expect(await grad(loss, { argnums: 2 })(W, b, x).array()).toEqual([near([34, 68])]);
  });

  test("jvp", async () => {
    const [x, v] = [tensor([1, 2, 2]), tensor([1, 0, -1])];
    const [y, dy] = jvp(f, [x], [v]);
    expect([await y.item(), await dy.item()]).toEqual(near([27, -9]));
    const [, dz] = jvp((a: Tensor, b: Tensor) => a.mul(b).sum(), [x, v], [v, x]);
    expect(await dz.item()).toBeCloseTo(2 + 9, 4); // vᵀv + xᵀx
  });

  test("vjp", async () => {
    const [z, pull] = vjp(f, tensor([1, 2, 2]));
    expect(await z.item()).toBeCloseTo(27, 4);
    const [dx] = pull(tensor(2));
    expect(await dx.array()).toEqual(near([18, 36, 36]));
    const [dy] = pull(1);
    expect(await dy.array()).toEqual(near([9, 18, 18]));
  });

  test("gradients of any order", async () => {
    const h = (t: Tensor) => t.sin().mul(t);
    const t = tensor(0.7);
    // (t sin t)'' = 2 cos t − t sin t; (t sin t)''' = −3 sin t − t cos t
    expect(await grad(grad(h))(t).item()).toBeCloseTo(2 * Math.cos(0.7) - 0.7 * Math.sin(0.7), 4);
    expect(await grad(grad(grad(h)))(t).item()).toBeCloseTo(
      -3 * Math.sin(0.7) - 0.7 * Math.cos(0.7),
      4,
    );
  });

  test("nested perturbations are told apart", async () => {
    // d/dx (x · d/dy (x + y)) = 1
    const nested = grad((x: Tensor) => x.mul(grad((y: Tensor) => x.add(y))(tensor(1))));
    expect(await nested(tensor(3)).item()).toBe(1);
  });

  test("gradients of what is already built", async () => {
    const model = nn.linear(2, 1);
    const x = tensor([[3, 4]]);
    const gs = gradients(model.forward(x).sum(), model.parameters());
    expect(gs.map((g) => g.shape)).toEqual([[2, 1], [1]]);
    expect(await gs[0].array()).toEqual([[3], [4]]);
    const traced = compile((v: Tensor) => gradients(model.forward(v).sum(), model.parameters()));
    expect(await traced(x)[0].array()).toEqual([[3], [4]]);
  });
});
