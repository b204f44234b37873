import {
  compile,
  grad,
  GradientError,
  hessian,
  hvp,
  init,
  jacobian,
  jvp,
  nn,
  sort,
  tensor,
  ValueError,
  vjp,
  vmap,
  type Tensor,
} from "cotangent";
import { beforeAll, describe, expect, test } from "vitest";
import { backends } from "../backends.ts";
import { catchPrograms, planOf } from "../plan/plan-of.ts";

catchPrograms();

const values = (...shape: number[]) =>
  tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * i)),
    shape,
  );
const near = (list: readonly number[]) => list.map((v) => expect.closeTo(v, 4) as number);

describe("what derivatives of a net of 784-256-128-10 cost", () => {
  const sizes = [784, 256, 128, 10];
  const x = values(64, 784);
  const labels = tensor(Int32Array.from({ length: 64 }, (_, i) => i % 10));
  const weights = sizes.slice(1).map((n, i) => values(sizes[i], n));
  const loss = (ws: Tensor[]) => {
    const hidden = ws.reduce((h, w, i) => (i === 0 ? h : h.tanh()).matmul(w), x);
    return nn.softmaxCrossEntropy(hidden, labels);
  };
  /** Two for each term of a matrix product: all else is little. */
  const flopsOf = (f: (...ws: Tensor[]) => unknown) =>
    planOf(f, weights)
      .steps.flat()
      .reduce((sum, part) => {
        const product = "product" in part ? part.product?.tensor : undefined;
        if (!product) return sum;
        const [a] = product.inputs;
        const { transposeA } = product.attrs as { transposeA: boolean };
        return sum + 2 * product.size * a.shape.at(transposeA ? -2 : -1)!;
      }, 0);

  test("at most 2.3 forward passes for jvp and vjp, 5 for hvp", () => {
    const forward = flopsOf((...ws) => loss(ws));
    expect(forward).toBe(2 * 64 * (784 * 256 + 256 * 128 + 128 * 10));
    const of = (f: (...ws: Tensor[]) => unknown) => flopsOf(f) / forward;
    expect(of((...ws) => jvp(loss, [ws], [ws]))).toBeLessThan(2.3);
    expect(
      of((...ws) => {
        const [y, pull] = vjp(loss, ws);
        return [y, pull(1)];
      }),
    ).toBeLessThan(2.3);
    expect(of((...ws) => hvp(loss, ws, ws))).toBeLessThan(5);
  });
});

describe.each(backends)("derivatives of any order on %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  test.each<[name: string, f: (x: Tensor) => Tensor, slope: number]>([
    ["asin", (x) => x.asin(), 1],
    ["acos", (x) => x.acos(), -1],
    ["atanh", (x) => x.atanh(), 2],
  ])("the second derivative of %s keeps its digits near 0, where it is ~x", async (_, f, slope) => {
    const xs = [1e-30, 1e-8, -1e-5, 1e-3];
    const second = await vmap(grad(grad(f)))(tensor(xs)).data();
    second.forEach((y, i) => {
      expect(y / (slope * xs[i])).toBeCloseTo(1, 5);
    });
  });

  test("Jacobians are [...f's, ...x's], and nest as results, then arguments", async () => {
    const f = ({ a, b }: { a: Tensor; b: [Tensor] }, c: Tensor) => ({
      y: a.mul(c.sum()),
      z: [b[0].sum().mul(c), sort(c)],
      k: c.greater(0),
    });
    const args = [{ a: tensor([1, 2]), b: [tensor([[3, 4, 5]])] }, tensor([7, 6])] as const;
    for (const mode of ["forward", "reverse"] as const) {
      const all = jacobian(f, { argnums: [0, 1], mode })(
        ...(args as unknown as Parameters<typeof f>),
      );
      const [byFirst, byC] = all.y;
      expect(await byFirst.a.array()).toEqual([
        [13, 0],
        [0, 13],
      ]);
      expect(byFirst.b[0].shape).toEqual([2, 1, 3]);
      expect(await byC.array()).toEqual([
        [1, 1],
        [2, 2],
      ]);
      expect(await all.z[0][0].b[0].array()).toEqual([[[7, 7, 7]], [[6, 6, 6]]]);
      expect(await all.z[1][1].array()).toEqual([
        [0, 1],
        [1, 0],
      ]);
      expect(all.k).toBe(null);
    }
  });

  test("Hessians nest as arguments twice, and hvp is their product with a vector", async () => {
    const f = (p: { x: Tensor; s: Tensor }) => p.x.square().mul(p.s).sum();
    const p = { x: tensor([1, 2]), s: tensor(3) };
    const h = hessian(f)(p);
    expect(await h.x.x.array()).toEqual([
      [6, 0],
      [0, 6],
    ]);
    expect(await h.x.s.array()).toEqual([2, 4]);
    expect(await h.s.x.array()).toEqual([2, 4]);
    expect(await h.s.s.item()).toBe(0);
    const product = hvp(f, p, { x: tensor([1, 10]), s: tensor(100) });
    expect(await product.x.array()).toEqual([206, 460]);
    expect(await product.s.item()).toBe(42);
    expect(await hvp(f, p, { x: null, s: 1 }).x.array()).toEqual([2, 4]);
    const vector = hessian((x: Tensor) => x.mul(x.sum()))(tensor([1, 2]));
    expect(await vector.array()).toEqual([
      [
        [2, 1],
        [1, 0],
      ],
      [
        [0, 1],
        [1, 2],
      ],
    ]);
    const relu = hessian((x: Tensor) => nn.relu().forward(x).sum())(tensor([-1, 2]));
    expect(await relu.array()).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  test("mistakes are errors that say what is wrong", () => {
    const k = tensor([1, 2], { dtype: "int32" });
    const x = tensor([1, 2]);
    expect(() => jacobian((i: Tensor) => i.cast("float32"))(k)).toThrow(GradientError);
    expect(() => jacobian((i: Tensor) => i.cast("float32"))(k)).toThrow(/^jacobian: int32\[2\]/);
    expect(() => jacobian((y: Tensor) => y.greater(0))(x)).toThrow(GradientError);
    expect(() => jacobian((y: Tensor) => y, { mode: "back" as "forward" })(x)).toThrow(ValueError);
    const flat = (y: Tensor) => y.greater(0).cast("float32");
    for (const mode of ["forward", "reverse"] as const) {
      expect(() => jacobian(flat, { mode })(x)).toThrow(/only through greater, which has no deriv/);
    }
    const deep = (y: Tensor) => y.reshape([1, 1, 1, 1, 2]);
    expect(() => jacobian(deep)(x.reshape([1, 1, 1, 2]))).toThrow(/^jacobian: .* has rank 9/);
    expect(() => hessian((y: Tensor) => y.sum())(x.reshape([1, 1, 1, 1, 2]))).toThrow(/^hessian: /);
    expect(() => hvp((y: Tensor) => y.sum(), x, tensor([1]))).toThrow(/^hvp: v has shape \[1\]/);
    expect(() => hvp((y: Tensor[]) => y[0].sum(), [x], [] as never)).toThrow(ValueError);
    expect(() => hvp((y: Tensor) => y, x, x)).toThrow(
      /^hvp: the function returned .* not a scalar/,
    );
  });

  test("the Hessian of a net is five times as fast as its columns one by one, in dispatches and by the clock", async () => {
    const x = values(32, 4);
    const [b, w2] = [values(16), values(16, 1)];
    const loss = (w: Tensor) => x.matmul(w).add(b).tanh().matmul(w2).square().mean();
    const w = values(4, 16);
    const whole = compile(hessian(loss));
    const column = compile((at: Tensor, v: Tensor) => hvp(loss, at, v));
    // Of the 64 columns some, for the time it takes.
    const columns = [0, 9, 18, 27, 36, 45, 54, 63];
    const units = columns.map((i) => tensor(new Float32Array(64).fill(1, i, i + 1), [4, 16]));
    const some = async () => Promise.all(units.map((v) => column(w, v).data()));
    const found = await whole(w).data();
    (await some()).forEach((row, k) => {
      const at = 64 * columns[k];
      expect(Array.from(found.subarray(at, at + 64))).toEqual(near([...row]));
    });
    // A net as small as this takes time in proportion to its dispatches.
    const one = column.plan(w, units[0]).dispatches.length;
    expect(whole.plan(w).dispatches.length).toBeLessThan((64 * one) / 5);
    if (backend === "cpu") return;
    const timed = async (run: () => Promise<unknown>) => {
      const start = performance.now();
      await run();
      return performance.now() - start;
    };
    // Both in turn, so that what else runs on the machine slows both.
    const ratios: number[] = [];
    for (let i = 0; i < 9; i++) {
      const each = (64 / columns.length) * (await timed(some));
      ratios.push(each / (await timed(() => whole(w).data())));
    }
    expect(ratios.toSorted((a, b) => a - b)[4]).toBeGreaterThan(5);
  });
});
