import {
  argMax,
  ArgumentError,
  compile,
  crossEntropy,
  customGradient,
  gather,
  grad,
  gradients,
  hvp,
  init,
  jvp,
  matmul,
  nn,
  random,
  ShapeError,
  sort,
  stopGradient,
  tensor,
  topK,
  TraceError,
  valueAndGrad,
  ValueError,
  variable,
  vjp,
  vmap,
  zeros,
  type Tensor,
} from "cotangent";
import { beforeAll, describe, expect, test } from "vitest";
import { backends } from "../backends.ts";

const near = (values: readonly number[]) => values.map((v) => expect.closeTo(v, 4) as number);

/** What the first backend drew. */
let known: number[][][] | null = null;

describe.each(backends)("vmap on %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  test("f sees one example, arguments and results nest, and numbers are handed on", async () => {
    const seen: string[] = [];
    const f = ({ w, b }: { w: Tensor; b: [Tensor, string] }, factor: number) => {
      seen.push(String(w), String(b[0]), b[1]);
      return { y: [w.sum().add(b[0]).mul(factor)], w };
    };
    const w = tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    const { y, w: same } = vmap(f)({ w, b: [tensor([10, 20, 30]), "name"] }, 2);
    expect(seen).toEqual(["float32[2] mapped", "float32[] mapped", "name"]);
    expect(await y[0].array()).toEqual([26, 54, 82]);
    expect(await same.array()).toEqual(await w.array());
  });

  test("axes are one for all or one for each argument, and count from the end too", async () => {
    const a = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const b = tensor([10, 20]);
    const add = (x: Tensor, y: Tensor) => x.add(y);
    const sums = [
      [11, 24],
      [12, 25],
      [13, 26],
    ];
    expect(await vmap(add, { inAxes: [1, null] })(a, b).array()).toEqual(sums);
    expect(await vmap(add, { inAxes: [-1, null], outAxes: -1 })(a, b).array()).toEqual([
      [11, 12, 13],
      [24, 25, 26],
    ]);
    expect(await vmap((x: Tensor) => x.sum(), { inAxes: -1 })(a).array()).toEqual([5, 7, 9]);
    const cube = tensor(
      Float32Array.from({ length: 24 }, (_, i) => i),
      [2, 3, 4],
    );
    const moved = vmap((x: Tensor) => x.transpose(), { inAxes: 1, outAxes: 2 })(cube);
    expect(moved.shape).toEqual([4, 2, 3]);
    expect(await moved.array()).toEqual(await cube.transpose([2, 0, 1]).array());
  });

  test("what depends on no mapped value is repeated, and of no examples the results are empty", async () => {
    const w = variable([1, 2]);
    const f = (x: Tensor) => [w.mul(2), x.mul(0), tensor(7)];
    const [a, b, c] = vmap(f)(tensor([1, 2, 3]));
    expect(await a.array()).toEqual([
      [2, 4],
      [2, 4],
      [2, 4],
    ]);
    expect(await b.array()).toEqual([0, 0, 0]);
    expect(await c.array()).toEqual([7, 7, 7]);
    const none = vmap((x: Tensor) => x.exp().sum().add(w))(zeros([0, 5]));
    expect(none.shape).toEqual([0, 2]);
    expect(await none.data()).toEqual(new Float32Array(0));
  });

  test("operands align as they do in one example", async () => {
    const xs = tensor([
      [1, 2],
      [3, 4],
    ]);
    const table = tensor([
      [10, 20],
      [30, 40],
    ]);
    expect(await vmap((x: Tensor) => x.add(table))(xs).array()).toEqual([
      [
        [11, 22],
        [31, 42],
      ],
      [
        [13, 24],
        [33, 44],
      ],
    ]);
    const both = vmap((x: Tensor, s: Tensor) => table.mul(x).add(s))(xs, tensor([100, 200]));
    expect(await both.array()).toEqual([
      [
        [110, 140],
        [130, 180],
      ],
      [
        [230, 280],
        [290, 360],
      ],
    ]);
  });

  test("products of all ranks, with either operand mapped", async () => {
    const a = tensor(
      Float32Array.from({ length: 12 }, (_, i) => i - 5),
      [2, 2, 3],
    );
    const w = tensor(
      Float32Array.from({ length: 12 }, (_, i) => (i % 5) - 2),
      [3, 4],
    );
    const each = async (f: (x: Tensor) => Tensor) =>
      Promise.all([0, 1].map((i) => f(a.slice([i], [i + 1]).reshape([2, 3])).array()));
    for (const f of [
      (x: Tensor) => matmul(x, w),
      (x: Tensor) => matmul(w, x, { transposeA: true, transposeB: true }),
      (x: Tensor) => matmul(x, x, { transposeA: true }),
      (x: Tensor) => matmul(x, x, { transposeB: true }),
      (x: Tensor) => matmul(x.reshape([6]), x.reshape([6])),
      (x: Tensor) => matmul(x.reshape([2, 1, 3]), w),
    ]) {
      expect(await vmap(f)(a).array()).toEqual(await each(f));
    }
  });

  test("ops with several results, and integers", async () => {
    const xs = tensor([
      [3, 1, 2],
      [4, 6, 5],
    ]);
    const f = (x: Tensor) => [...topK(x, 2), sort(x, 0, { descending: true }), argMax(x, 0)];
    const found = await Promise.all(vmap(f)(xs).map((y) => y.array()));
    expect(found).toEqual([
      [
        [3, 2],
        [6, 5],
      ],
      [
        [0, 2],
        [1, 2],
      ],
      [
        [3, 2, 1],
        [6, 5, 4],
      ],
      [0, 1],
    ]);
    const rows = vmap((x: Tensor, i: Tensor) => gather(x, i, 0))(
      xs,
      tensor([2, 0], { dtype: "int32" }),
    );
    expect(await rows.array()).toEqual([2, 4]);
  });

  test("labels that differ from example to example are checked neither as constants nor as arguments", async () => {
    const logits = tensor([
      [1, 2, 3],
      [1, 2, 3],
    ]);
    const labels = tensor([0, 2], { dtype: "int32" });
    const loss = vmap((z: Tensor, t: Tensor) => crossEntropy(z, t));
    const expected = near([2.40761, 0.40761]);
    expect(await loss(logits, labels).array()).toEqual(expected);
    expect(await compile(loss)(logits, labels).array()).toEqual(expected);
    // The first argument is no label.
    const swapped = compile((t: Tensor, z: Tensor) => loss(z, t));
    expect(await swapped(labels, logits).array()).toEqual(expected);
  });

  test("draws differ along the mapped axis, repeat after a seed, and are the same on all backends", async () => {
    const draw = (x: Tensor) => ({
      u: random.uniform([3]),
      n: x.add(random.normal([])),
      p: random.permutation(8),
      b: random.bits([2]),
    });
    const twice = vmap((row: Tensor) => vmap(draw)(row));
    for (const f of [twice, compile(twice)]) {
      random.seed(7);
      const first = f(zeros([5, 4]));
      const u = (await first.u.array()) as number[][][];
      expect(new Set(u.flat(2)).size).toBe(60);
      if (f === twice) expect(u).toEqual((known ??= u));
      expect(new Set(await first.n.data()).size).toBe(20);
      expect(new Set(await first.b.data()).size).toBe(40);
      const p = ((await first.p.array()) as number[][][]).flat();
      for (const row of p) expect(row.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      expect(new Set(p.map(String)).size).toBe(20);
      random.seed(7);
      expect(await f(zeros([5, 4])).u.array()).toEqual(u);
    }
    // What is drawn outside is the same for all.
    const outside = random.uniform([]);
    const [a, b] = await vmap((x: Tensor) => x.add(outside))(zeros([2])).data();
    expect(a).toBe(b);
  });

  test("gradients for each example, also with respect to variables, and gradients through the batch", async () => {
    const w = variable([1, 2]);
    const xs = tensor([
      [1, 2],
      [3, 4],
    ]);
    const loss = (x: Tensor) => w.mul(x).sum().square();
    // ∂(w·x)²/∂w = 2 (w·x) x
    const each = [
      [10, 20],
      [66, 88],
    ];
    expect(await vmap((x: Tensor) => gradients(loss(x), [w])[0])(xs).array()).toEqual(each);
    const [value, dw] = vmap(
      valueAndGrad((v: Tensor, x: Tensor) => v.mul(x).sum().square()),
      { inAxes: [null, 0] },
    )(w, xs);
    expect(await value.array()).toEqual([25, 121]);
    expect(await dw.array()).toEqual(each);
    const total = () => vmap(loss)(xs).sum();
    expect(await gradients(total(), [w])[0].array()).toEqual([76, 108]);
    const step = compile((batch: Tensor) => {
      const [y, [g]] = [vmap(loss)(batch).sum(), gradients(vmap(loss)(batch).sum(), [w])];
      return [y, g];
    });
    const [y, g] = step(xs);
    expect([await y.item(), await g.array()]).toEqual([146, [76, 108]]);
  });

  test("a variable may be given what all examples share, and nothing else", async () => {
    const v = variable([0, 0]);
    const share = vmap((x: Tensor) => {
      v.assign(v.add(1));
      return x.add(v);
    });
    const xs = tensor([
      [10, 20],
      [30, 40],
    ]);
    for (const f of [share, compile(share)]) {
      await f(xs).array();
    }
    expect(await v.array()).toEqual([2, 2]);
    const message = /^vmap: the function gives a variable float32\[2\] add, which differs/;
    const mapped = vmap((x: Tensor) => {
      v.assign(x.add(1));
      return x;
    });
    const nested = vmap((x: Tensor) =>
      vmap((y: Tensor) => {
        v.assign(x.add(1));
        return y;
      })(x),
    );
    const inner = vmap((x: Tensor) => jvp((y: Tensor) => (v.assign(y.add(1)), y), [x], [x])[1]);
    const drawn = vmap((x: Tensor) => (v.assign(random.uniform([2]).add(1)), x));
    for (const f of [mapped, nested, inner, drawn]) {
      expect(() => f(xs)).toThrow(TraceError);
      expect(() => f(xs)).toThrow(message);
      expect(() => compile(f)(xs)).toThrow(message);
    }
    expect(await v.array()).toEqual([2, 2]);
    v.assign(tensor([5, 5]));
    expect(await v.array()).toEqual([5, 5]);
  });

  test("nests with itself, in any order of axes", async () => {
    const table = vmap((x: Tensor) => vmap((y: Tensor) => x.mul(y).add(1))(tensor([1, 2, 3])))(
      tensor([10, 20]),
    );
    expect(await table.array()).toEqual([
      [11, 21, 31],
      [21, 41, 61],
    ]);
    const outer = vmap(
      vmap((x: Tensor, y: Tensor) => x.sub(y), { inAxes: [null, 0] }),
      {
        inAxes: [0, null],
        outAxes: 1,
      },
    );
    expect(await outer(tensor([10, 20]), tensor([1, 2, 3])).array()).toEqual([
      [9, 19],
      [8, 18],
      [7, 17],
    ]);
  });

  test("perturbations of what is inside and outside are not confused", async () => {
    const xs = tensor([1, 2, 3]);
    const one = tensor(1);
    // x · d/dy (x + y)
    const f = (x: Tensor) => x.mul(jvp((y: Tensor) => x.add(y), [one], [1])[1]);
    expect(await vmap(f)(xs).array()).toEqual([1, 2, 3]);
    expect(await vmap((x: Tensor) => jvp(f, [x], [1])[1])(xs).array()).toEqual([1, 1, 1]);
    expect(await vmap(grad(f))(xs).array()).toEqual([1, 1, 1]);
    const through = (x: Tensor) => vmap((y: Tensor) => x.mul(y))(xs).sum();
    expect(await jvp(through, [tensor(5)], [1])[1].item()).toBe(6);
    expect(await grad(through)(tensor(5)).item()).toBe(6);
    // Inside, the argument is an example; outside, the whole: x of the closure stays what it is.
    const closed = vmap((y: Tensor) => grad((z: Tensor) => z.mul(xs).sum().mul(y))(y));
    expect(await closed(xs).array()).toEqual([6, 12, 18]);
    const [, pull] = vjp((x: Tensor) => vmap((y: Tensor) => x.mul(y).sum())(xs), tensor(2));
    expect(await pull(tensor([1, 10, 100]))[0].item()).toBe(321);
  });

  test("norms and deviations keep the derivatives that they have at corners", async () => {
    const xs = zeros([2, 3]);
    const zero = [
      [0, 0, 0],
      [0, 0, 0],
    ];
    const summed = (f: (x: Tensor) => Tensor) => grad((x: Tensor) => vmap(f)(x).sum())(xs);
    expect(await summed((x) => x.norm()).array()).toEqual(zero);
    expect(await summed((x) => x.std()).array()).toEqual(zero);
  });

  test("a custom gradient stays what it is: summed for what all examples share", async () => {
    const f = customGradient((x: Tensor, w: Tensor) => ({
      value: x.mul(w).sum(),
      gradient: (g) => [g.mul(w).mul(100), g.mul(x).mul(1000)],
    }));
    const xs = tensor([
      [1, 2],
      [3, 4],
    ]);
    const w = tensor([5, 6]);
    const batch = (x: Tensor, v: Tensor) => vmap(f, { inAxes: [0, null] })(x, v);
    expect(await batch(xs, w).array()).toEqual([17, 39]);
    const total = (x: Tensor, v: Tensor) => batch(x, v).sum();
    const [dx, dw] = grad(total, { argnums: [0, 1] })(xs, w);
    expect(await dx.array()).toEqual([
      [500, 600],
      [500, 600],
    ]);
    expect(await dw.array()).toEqual([4000, 6000]);
    expect(await jvp(batch, [xs, w], [null, tensor([1, 1])])[1].array()).toEqual([3000, 7000]);
    const each = vmap(grad(f, { argnums: 1 }), { inAxes: [0, null] })(xs, w);
    expect(await each.array()).toEqual([
      [1000, 2000],
      [3000, 4000],
    ]);
    const shared = vmap(f, { inAxes: [null, 0] })(w, xs);
    expect(await shared.array()).toEqual([17, 39]);
    const second = (x: Tensor) => hvp((y: Tensor) => batch(y, y.sum(0)).sum(), x, x);
    expect(second(xs).shape).toEqual([2, 2]);
  });

  test("stopGradient stops", async () => {
    const f = vmap((x: Tensor) => x.mul(stopGradient(x)));
    expect(await grad((x: Tensor) => f(x).sum())(tensor([2, 3])).array()).toEqual([2, 3]);
  });

  test("modules are applied to examples", async () => {
    random.seed(1);
    const net = nn.mlp([3, 4, 2], { activation: nn.tanh });
    const xs = random.normal([5, 3]);
    const whole = await net.forward(xs).data();
    const each = await vmap((x: Tensor) => net.forward(x))(xs).data();
    each.forEach((y, i) => expect(y).toBeCloseTo(whole[i], 5));
  });

  test("compiled functions are traced anew within it, and it within them", async () => {
    const doubled = compile((x: Tensor) => x.mul(2).sum());
    const xs = tensor([
      [1, 2],
      [3, 4],
    ]);
    expect(await vmap(doubled)(xs).array()).toEqual([6, 14]);
    expect(await compile(vmap(doubled))(xs).array()).toEqual([6, 14]);
    expect(await vmap(grad(doubled))(xs).array()).toEqual([
      [2, 2],
      [2, 2],
    ]);
  });

  test("an example has no value outside", async () => {
    const kept: Tensor[] = [];
    vmap((x: Tensor) => (kept.push(x, x.mul(2)), x))(tensor([1, 2]));
    await expect(kept[0].data()).rejects.toThrow(/no value/);
    await expect(kept[1].data()).rejects.toThrow(
      /^float32\[\] mapped has no value outside of vmap\(\)$/,
    );
    await expect((async () => compile(() => kept[1].add(1))().data())()).rejects.toThrow();
  });

  test("mistakes are errors that say what is wrong", () => {
    const id = (...xs: Tensor[]) => xs[0];
    const [two, three] = [zeros([2, 3]), zeros([3, 2])];
    expect(() => vmap(id)(two, three)).toThrow(ShapeError);
    expect(() => vmap(id)(two, three)).toThrow(
      "vmap: the mapped axes differ in length: 2 in argument 0, 3 in argument 1, of shape [3, 2] along axis 0",
    );
    expect(() => vmap(id)(zeros([]))).toThrow(ShapeError);
    expect(() => vmap(id, { inAxes: [0, 2] })(two, two)).toThrow(/^vmap: argument 1: axis 2 is/);
    expect(() => vmap(id, { inAxes: [0] })(two, two)).toThrow(ValueError);
    for (const inAxes of [[null, null], null as unknown as number]) {
      expect(() => vmap(id, { inAxes })(two, two)).toThrow(
        "vmap: no tensor among the arguments is mapped",
      );
    }
    expect(() => vmap(id, { outAxes: 2 })(zeros([2]))).toThrow(/^vmap: outAxes: axis 2 is out/);
    expect(() => vmap(id, { inAxes: 0.5 })).toThrow(ArgumentError);
    expect(() => vmap(id, { inAxes: ["0" as unknown as number] })).toThrow(ArgumentError);
    expect(() => vmap(3 as unknown as typeof id)).toThrow(ArgumentError);
    expect(() => vmap((x: Tensor) => x.rank)(two)).toThrow(/must return tensors, not number/);
    const asynchronous = (x: Tensor) => Promise.resolve(x);
    expect(() => vmap(asynchronous)(two)).toThrow(TraceError);
    expect(() => vmap(id, { axis: 0 } as object)).toThrow(ValueError);
  });

  test("indices and labels that differ from example to example are checked as others are", async () => {
    const table = tensor([10, 20, 30]);
    const pick = (i: Tensor) => gather(table, i);
    const indices = (values: number[][]) => tensor(values, { dtype: "int32" });
    const good = indices([
      [0, 2],
      [1, 1],
    ]);
    const bad = indices([
      [0, 2],
      [1, 3],
    ]);
    expect(await vmap(pick)(good).array()).toEqual([
      [10, 30],
      [20, 20],
    ]);
    const message = "gather: index 3 is outside of an axis of length 3";
    expect(() => vmap(pick)(bad)).toThrow(message);
    expect(() => vmap(pick, { inAxes: 1 })(bad)).toThrow(message);
    expect(() => vmap(vmap(pick))(bad)).toThrow(message);
    expect(() => vmap((x: Tensor, i: Tensor) => gather(x, i))(zeros([2, 3]), bad)).toThrow(message);
    const compiled = compile(vmap(pick));
    expect(await compiled(good).array()).toEqual([
      [10, 30],
      [20, 20],
    ]);
    expect(() => compiled(bad)).toThrow(message);
    const loss = (x: Tensor, label: Tensor) => crossEntropy(x, label);
    const labels = tensor([0, 3], { dtype: "int32" });
    expect(() => vmap(grad(loss))(zeros([2, 3]), labels)).toThrow(
      "softmaxCrossEntropy: label 3 is outside of the 3 classes, 0 to 2",
    );
    const ofPairs = vmap(vmap(pick), { inAxes: 1 });
    expect(() => ofPairs(bad)).toThrow(message);
  });

  test("a rank above 8 is a ShapeError that names it", () => {
    const x = zeros([1, 1, 1, 1, 1, 1, 1, 2]);
    const message = /^vmap: /;
    expect(() => vmap((y: Tensor) => y.reshape(x.shape).sum())(zeros([1, 2]))).toThrow(message);
    expect(() => vmap((y: Tensor) => y.mul(x).sum())(zeros([1, 2]))).toThrow(message);
    expect(() => vmap((y: Tensor) => [y, x])(zeros([1, 2]))).toThrow(message);
    expect(() => vmap((y: Tensor) => y.add(random.uniform(x.shape)))(zeros([1, 2]))).toThrow(
      message,
    );
  });
});
