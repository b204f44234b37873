import {
  argMax,
  ArgumentError,
  checkpoint,
  compile,
  customGradient,
  grad,
  GradientError,
  gradients,
  hessian,
  hvp,
  init,
  jvp,
  random,
  tensor,
  topK,
  valueAndGrad,
  variable,
  vjp,
  vmap,
  type Tensor,
} from "cotangent";
import { beforeAll, describe, expect, test } from "vitest";
import { backends } from "../backends.ts";

/** The largest |difference| over the largest element. */
async function distance(a: Tensor, b: Tensor): Promise<number> {
  const [x, y] = await Promise.all([a, b].map((t) => t.data<Float64Array>({ dtype: "float64" })));
  const worst = x.reduce((m, v, i) => Math.max(m, Math.abs(v - y[i])), 0);
  return worst / x.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-30);
}

describe.each(backends)("checkpoint on %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  /** Bitwise on the reference, to rounding on a device. */
  const same = async (a: readonly Tensor[], b: readonly Tensor[]) => {
    expect(a.length).toBe(b.length);
    for (const [i, x] of a.entries()) {
      expect(await distance(x, b[i])).toBeLessThanOrEqual(backend === "cpu" ? 0 : 1e-6);
    }
  };

  test("values and gradients are the same, also those of what f reads through its closure", async () => {
    const w = variable([2, 3]);
    const outer = tensor([5, 7]).mul(w);
    const f = (x: Tensor) => x.mul(w).tanh().mul(outer.sin());
    const x = tensor([0.3, -0.2]);
    const xs = tensor([
      [0.3, -0.2],
      [1.3, 0.8],
    ]);
    const runs = [
      (g: typeof f) => [g(x), ...gradients(g(x).sum(), [w, outer])],
      (g: typeof f) => compile(valueAndGrad((t: Tensor) => g(t).sum()))(x),
      (g: typeof f) => [grad((t: Tensor) => vmap(g)(t).square().sum())(xs)],
      (g: typeof f) => [hvp((t: Tensor) => g(t).sum(), x, x)],
      (g: typeof f) => jvp(g, [x], [tensor([1, 2])]),
      (g: typeof f) => [hessian((t: Tensor) => g(t).sum())(x)],
      (g: typeof f) => [
        grad((t: Tensor) =>
          grad((s: Tensor) => g(s).sum())(t)
            .square()
            .sum(),
        )(x),
      ],
      (g: typeof f) => [vmap(g)(xs)],
      (g: typeof f) => [vmap((c: Tensor) => vjp(g, x)[1](c)[0])(xs)],
      (g: typeof f) => vjp(g, x)[1](tensor([3, 4])),
    ];
    // Kernels take long to be made.
    for (const run of backend === "cpu" ? runs : runs.slice(0, 4)) {
      await same(run(f), run(checkpoint(f)));
      if (backend === "cpu") await same(run(f), run(checkpoint(checkpoint(f))));
    }
  });

  test("arguments and results nest, integers and static values among them", async () => {
    const f = checkpoint(({ x, k }: { x: Tensor; k: number }, name: string) => {
      const [top, places] = topK(x.mul(x), k);
      return { top, places: [places, top.sum()], of: name === "sum" ? x.sum() : x };
    });
    const x = tensor([1, 3, 2]);
    const y = f({ x, k: 2 }, "sum");
    expect(await y.top.array()).toEqual([9, 4]);
    expect(await y.places[0].array()).toEqual([1, 2]);
    expect(await y.of.item()).toBe(6);
    const total = (t: Tensor) => {
      const { top, places, of } = f({ x: t, k: 2 }, "sum");
      return top.sum().add(places[1].mul(10)).add(of.mul(100));
    };
    expect(await grad(total)(x).array()).toEqual([100, 166, 144]);
    expect(await checkpoint((a: Tensor) => a)(x).array()).toEqual([1, 3, 2]);
  });

  test("draws are the same in both passes, and what it assigns is assigned once", async () => {
    const count = variable(0);
    const noisy = checkpoint((x: Tensor) => {
      count.assign(count.add(1));
      return x.mul(random.uniform([4]));
    });
    const run = (x: Tensor) => {
      const y = noisy(x);
      return [y, gradients(y.sum(), [x])[0]];
    };
    const x = tensor([1, 1, 1, 1]);
    for (const f of [run, compile(run)]) {
      const [y, g] = f(x);
      expect(await y.array()).toEqual(await g.array());
    }
    expect(await count.item()).toBe(2);
  });

  test("a custom gradient in it stays what it is", async () => {
    const lying = customGradient((x: Tensor) => ({
      value: x.square(),
      gradient: (g) => [g.mul(x).mul(3)],
    }));
    const f = checkpoint((x: Tensor) => lying(x.mul(2)).sum());
    expect(await grad(f)(tensor([1, 2])).array()).toEqual([12, 24]);
    expect(await jvp(f, [tensor([1, 2])], [tensor([1, 0])])[1].item()).toBe(12);
  });

  test("errors name what is within it", () => {
    const f = checkpoint((x: Tensor) => argMax(x, 0).cast("float32").mul(2));
    const message = /depends on .* only through argMax, which has no derivative$/;
    const x = tensor([1, 2]);
    expect(() => grad(f)(x)).toThrow(GradientError);
    expect(() => grad(f)(x)).toThrow(message);
    expect(() => jvp(f, [x], [x])).toThrow(message);
    expect(() => checkpoint(3 as unknown as typeof f)).toThrow(ArgumentError);
    expect(() => checkpoint((t: Tensor) => t.rank)(x)).toThrow(/must return tensors, not number/);
  });
});
