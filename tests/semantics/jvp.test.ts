import {
  argMax,
  compile,
  concat,
  ArgumentError,
  DtypeError,
  gather,
  grad,
  GradientError,
  init,
  jvp,
  nn,
  pad,
  ShapeError,
  tensor,
  TraceError,
  ValueError,
  valueAndGrad,
  variable,
  vjp,
  where,
  type Tensor,
} from "cotangent";
import { beforeAll, describe, expect, test } from "vitest";
import { backends } from "../backends.ts";

const near = (values: number[]) => values.map((v) => expect.closeTo(v, 4) as number);
const of = (...values: number[]) => tensor(values);

describe.each(backends)("forward mode on %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  test("arguments and results nest, and null tangents are zeros", async () => {
    const f = ({ w: [a, b] }: { w: [Tensor, Tensor] }, c: Tensor) => ({
      product: a.mul(b).mul(c),
      parts: [a.add(c), b],
    });
    const w: [Tensor, Tensor] = [of(1, 2), of(3, 4)];
    const [y, dy] = jvp(f, [{ w }, of(5, 6)], [{ w: [of(1, 1), null] }, null]);
    expect(await y.product.array()).toEqual([15, 48]);
    expect(await dy.product.array()).toEqual([15, 24]); // da · b · c
    expect(await dy.parts[0].array()).toEqual([1, 1]);
    expect(await dy.parts[1].array()).toEqual([0, 0]);
    const [, alone] = jvp(f, [{ w }, of(5, 6)], [null, of(1, 0)]);
    expect(await alone.product.array()).toEqual([3, 0]);
  });

  test("what doesn't change costs nothing", () => {
    const x = of(1, 2);
    let inside: Tensor | null = null;
    const f = (a: Tensor, b: Tensor) => {
      inside = b.exp().mul(3);
      return a.add(inside);
    };
    const [, dy] = jvp(f, [x, x], [x, null]);
    // The tangent of a + g(b) is a's own.
    expect(dy).toBe(x);
    expect(inside).not.toBe(null);
  });

  test("integers have null tangents and cotangents", async () => {
    const f = (x: Tensor, k: Tensor) => ({ taken: gather(x, k, 0).square(), place: argMax(x, 0) });
    const [x, k] = [of(3, 5, 4), tensor([2, 0], { dtype: "int32" })];
    const [y, dy] = jvp(f, [x, k], [of(1, 2, 3), null]);
    expect(await dy.taken.array()).toEqual([24, 6]);
    expect([await y.place.item(), dy.place]).toEqual([1, null]);
    const [, pull] = vjp(f, x, k);
    const [dx, dk] = pull({ taken: of(1, 10), place: null });
    expect([await dx.array(), dk]).toEqual([[60, 0, 8], null]);
    expect(() => jvp(f, [x, k], [of(1, 2, 3), k])).toThrow(
      /^jvp: primal 1 is int32\[2\] constant, and only floats have a tangent; give null for it$/,
    );
  });

  test("numbers are scalars", async () => {
    const [y, dy] = jvp((x: Tensor | number) => tensor(2).mul(x).exp(), [0.5], [3]);
    expect([await y.item(), await dy.item()]).toEqual(near([Math.E, 6 * Math.E]));
  });

  test("ops that are linear in all inputs together take zeros for what is fixed", async () => {
    const [a, b, u] = [of(1, 2), of(3, 4), of(10, 20)];
    const push = async (f: (x: Tensor) => Tensor) => jvp(f, [a], [u])[1].array();
    expect(await push((x) => concat([b, x, b]))).toEqual([0, 0, 10, 20, 0, 0]);
    expect(await push((x) => pad(x, [[1, 1]], 7))).toEqual([0, 10, 20, 0]);
    expect(await push((x) => where(tensor([true, false]), x, b))).toEqual([10, 0]);
    expect(await push((x) => where(tensor([true, false]), b, x))).toEqual([0, 20]);
    expect(
      await push((x) =>
        x
          .reshape([1, 2])
          .matmul(x.reshape([2, 1]))
          .reshape([]),
      ),
    ).toBe(100);
    expect(await push((x) => x.sum().add(b))).toEqual([30, 30]);
  });

  test("in a branch that was not taken NaN has no effect", async () => {
    const f = (x: Tensor) => where(x.greater(0), x.log(), x.mul(2));
    expect(await jvp(f, [of(1, -1)], [of(1, 1)])[1].array()).toEqual([1, 2]);
  });

  const h = (t: Tensor) => t.sin().mul(t.exp());
  // (sin t · eᵗ)'' = 2 cos t · eᵗ, ''' = 2(cos t − sin t) eᵗ
  const second = 2 * Math.cos(0.7) * Math.exp(0.7);
  const third = 2 * (Math.cos(0.7) - Math.sin(0.7)) * Math.exp(0.7);

  test("nests with itself and with reverse mode, in any order", async () => {
    const forward = (g: (t: Tensor) => Tensor) => (t: Tensor) => jvp(g, [t], [1])[1];
    const backward = (g: (t: Tensor) => Tensor) => (t: Tensor) => vjp(g, t)[1](1)[0];
    const modes = [forward, backward, (g: (t: Tensor) => Tensor) => grad(g)];
    const t = tensor(0.7);
    for (const outer of modes) {
      for (const inner of modes) {
        expect(await outer(inner(h))(t).item()).toBeCloseTo(second, 3);
        expect(await compile(outer(inner(h)))(t).item()).toBeCloseTo(second, 3);
        for (const innermost of modes) {
          expect(await outer(inner(innermost(h)))(t).item()).toBeCloseTo(third, 3);
        }
      }
    }
  });

  test("nested perturbations are told apart", async () => {
    // d/dx (x · d/dy (x + y)) = 1, and d/dx (x · d/dy xy) = 2x
    const inner = (g: (x: Tensor, y: Tensor) => Tensor) => (x: Tensor) =>
      x.mul(jvp((y: Tensor) => g(x, y), [tensor(1)], [1])[1]);
    expect(
      await jvp(
        inner((x, y) => x.add(y)),
        [tensor(3)],
        [1],
      )[1].item(),
    ).toBe(1);
    expect(
      await jvp(
        inner((x, y) => x.mul(y)),
        [tensor(3)],
        [1],
      )[1].item(),
    ).toBe(6);
    expect(await grad(inner((x, y) => x.mul(y)))(tensor(3)).item()).toBe(6);
    // The inner argument is the outer one: d/dx (x · f'(x)) at f = x³ is 9x².
    const same = (x: Tensor) => x.mul(jvp((y: Tensor) => y.cube(), [x], [1])[1]);
    expect(await jvp(same, [tensor(2)], [1])[1].item()).toBeCloseTo(36, 4);
    // Along a tangent that changes too: d/dx (x² · x) = 3x².
    const moving = (x: Tensor) => jvp((y: Tensor) => y.mul(tensor(1)), [x], [x.square().mul(x)])[1];
    expect(await jvp(moving, [tensor(2)], [1])[1].item()).toBeCloseTo(12, 4);
  });

  test("two directions of a second derivative", async () => {
    // uᵀHv of x₀²x₁ at (2, 3): H = [[2x₁, 2x₀], [2x₀, 0]] = [[6, 4], [4, 0]]
    const f = (x: Tensor) =>
      x
        .slice([0], [1])
        .square()
        .mul(x.slice([1], [2]))
        .sum();
    const [u, v] = [of(1, 10), of(2, 3)];
    const first = (x: Tensor) => jvp(f, [x], [v])[1];
    expect(await jvp(first, [of(2, 3)], [u])[1].item()).toBeCloseTo(12 + 12 + 80, 3);
  });

  test("second derivatives of max are 0, along what only chooses", async () => {
    const peak = (x: Tensor) => jvp((y: Tensor) => y.max(), [x], [x.mul(0).add(1)])[1];
    expect(await jvp(peak, [of(1, 3)], [of(1, 1)])[1].item()).toBe(0);
    const slope = (x: Tensor) => grad((y: Tensor) => y.relu().sum())(x);
    expect(await jvp(slope, [of(1, -3)], [of(1, 1)])[1].array()).toEqual([0, 0]);
  });

  test("refuses what reverse mode refuses", () => {
    const blocked = (v: Tensor) => v.greater(0).cast("float32").sum();
    expect(() => grad(blocked)(of(1))).toThrow(GradientError);
    expect(() => jvp(blocked, [of(1)], [of(1)])).toThrow(
      "jvp: float32[] sum depends on primal 0 only through greater, which has no derivative",
    );
    const other = (a: Tensor, b: { w: Tensor }) => argMax(a).cast("float32").mul(b.w);
    expect(() => jvp(other, [of(1, 2), { w: tensor(1) }], [of(1, 1), { w: 1 }])).toThrow(
      "primal 0 only through argMax",
    );
    expect(() => jvp((v: Tensor) => argMax(v), [of(1)], [of(1)])).toThrow(GradientError);
    expect(() => vjp((v: Tensor) => argMax(v), of(1))).toThrow(GradientError);
  });

  test("passes over an op without a derivative where there is another path", async () => {
    const scaled = (x: Tensor) => x.mul(x.cast("int32").cast("float32")).sum();
    expect(await jvp(scaled, [of(2.5)], [of(10)])[1].item()).toBe(20);
    const constant = (x: Tensor) => x.floor().sum();
    expect(await jvp(constant, [of(2.5)], [of(10)])[1].item()).toBe(0);
    const other = (a: Tensor, b: Tensor) => ({ a: a.greater(0).cast("float32"), b: a.mul(b) });
    const [, dy] = jvp(other, [of(2), of(3)], [of(1), of(1)]);
    expect([await dy.a.array(), await dy.b.array()]).toEqual([[0], [5]]);
  });

  test("what the result does not depend on has zeros", async () => {
    const [, dy] = jvp<[Tensor], Tensor>(() => of(1, 2), [of(1)], [of(1)]);
    expect([dy.shape, await dy.array()]).toEqual([[2], [0, 0]]);
    const captured = of(1, 2).exp();
    const [, dz] = jvp((x: Tensor) => x.mul(captured), [captured], [of(1, 1)]);
    expect(await dz.array()).toEqual(near([Math.E, Math.E ** 2]));
  });

  test("no derivative passes an assignment", async () => {
    const w = variable([3]);
    const through = (x: Tensor) => {
      w.assign(x.mul(2));
      return w.mul(5).add(x);
    };
    const [y, dy] = jvp(through, [of(1)], [of(1)]);
    expect([await y.array(), await dy.array()]).toEqual([[11], [1]]);
    const step = compile((x: Tensor) => jvp(through, [x], [x])[1]);
    expect(await step(of(4)).array()).toEqual([4]);
    expect(await w.array()).toEqual([8]);
  });

  test("of a variable is at its value of that moment", async () => {
    const w = variable([3]);
    const [y, dy] = jvp((x: Tensor) => x.square(), [w], [of(1)]);
    const [same] = jvp(() => w, [], []);
    w.assign(of(10));
    expect([await y.array(), await dy.array(), await same.array()]).toEqual([[9], [6], [3]]);
  });

  test("of a model, along its input and along its weights", async () => {
    const model = nn.sequential(nn.linear(3, 4), nn.tanh(), nn.linear(4, 2));
    const [x, v] = [of(1, 2, 3).reshape([1, 3]), of(1, -1, 2).reshape([1, 3])];
    const loss = (input: Tensor) => model.forward(input).square().sum();
    const [, dy] = jvp(loss, [x], [v]);
    const [, g] = valueAndGrad(loss)(x);
    expect(await dy.item()).toBeCloseTo(await g.mul(v).sum().item(), 4);
  });

  test("vjp of several results, and of none", async () => {
    const f = (a: Tensor, b: Tensor) => [a.mul(b), a.sum()];
    const [, pull] = vjp(f, of(1, 2), of(3, 4));
    const [da, db] = pull([of(1, 10), 100]);
    expect([await da.array(), await db.array()]).toEqual([
      [103, 140],
      [1, 20],
    ]);
    const [dc, dd] = pull([of(1, 10), null]);
    expect([await dc.array(), await dd.array()]).toEqual([
      [3, 40],
      [1, 20],
    ]);
    expect(await pull(null)[0].array()).toEqual([0, 0]);
  });

  test("deep graphs", async () => {
    const deep = (x: Tensor) => {
      let y = x;
      for (let i = 0; i < 900; i++) y = y.mul(1 + 2 ** -10);
      return y;
    };
    expect(await jvp(deep, [of(1)], [of(2)])[1].array()).toEqual(near([2 * (1 + 2 ** -10) ** 900]));
  });

  test("bad input", () => {
    const f = (a: Tensor, b: Tensor) => a.mul(b);
    const [x, y] = [of(1, 2), of(1, 2, 3)];
    const bad: [() => unknown, new () => Error, string][] = [
      [() => jvp(f, [x, x], [x, y]), ShapeError, "jvp: tangent 1 has shape [3], its primal [2]"],
      [
        () => jvp((p: { w: Tensor[] }) => p.w[0], [{ w: [x, x] }], [{ w: [x, y] }]),
        ShapeError,
        "jvp: tangent 0.w[1] has shape [3], its primal [2]",
      ],
      [
        () => jvp(f, [x, x], [x] as unknown as [Tensor, Tensor]),
        ValueError,
        "jvp: there are 2 primals and 1 tangents",
      ],
      [
        () => jvp((p: Tensor[]) => p[0], [[x, x]], [[x]]),
        ValueError,
        "jvp: primal 0 is a list of 2, and its tangent a list of 1; they nest alike, and null stands for a part without",
      ],
      [
        () => jvp((p: { a: Tensor }) => p.a, [{ a: x }], [{ b: x } as unknown as { a: Tensor }]),
        ValueError,
        "jvp: primal 0 is an object of a, and its tangent an object of b",
      ],
      [
        () => jvp(f, [x, x], [x, x.cast("int32")]),
        DtypeError,
        'jvp: tangent 1 is int32, its primal float32; use cast("float32")',
      ],
      [
        () => jvp(f, [x, x], [x, "x" as unknown as Tensor]),
        ArgumentError,
        "jvp: tangent 1 is string, not a tensor",
      ],
      [
        () => jvp((s: string) => of(s.length), ["a"], [x as unknown as null]),
        ArgumentError,
        "jvp: primal 0 is not a tensor, so its tangent is null",
      ],
      [
        () => jvp("f" as unknown as typeof f, [x, x], [x, x]),
        ArgumentError,
        "jvp: expected a function",
      ],
      [
        () => jvp(async (a: Tensor) => a, [x], [x]),
        TraceError,
        "jvp: the function is async; return the tensors themselves and read them afterwards",
      ],
      [
        () => jvp<[Tensor], number>(() => 3, [x], [x]),
        ArgumentError,
        "jvp: the function must return tensors, not number",
      ],
      [() => vjp(f, x, x)[1](y), ShapeError, "vjp: cotangent has shape [3], its result [2]"],
      [
        () => vjp((a: Tensor) => [a, a], x)[1]([x, y]),
        ShapeError,
        "vjp: cotangent 1 has shape [3], its result [2]",
      ],
    ];
    for (const [call, type, message] of bad) {
      expect(call).toThrow(type);
      expect(call).toThrow(message);
    }
  });
});
