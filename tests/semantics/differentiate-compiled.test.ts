import {
  ArgumentError,
  checkGradients,
  compile,
  complexStepGrad,
  grad,
  GradientError,
  gradients,
  hessian,
  hvp,
  init,
  jacobian,
  jvp,
  nn,
  numericGrad,
  optim,
  ShapeError,
  tensor,
  validate,
  valueAndGrad,
  variable,
  vjp,
  type Tensor,
} from "cotangent";
import { beforeAll, describe, expect, test } from "vitest";
import { backends } from "../backends.ts";

// What a compiled function returns carries no history, but every transformation takes the function itself.

const near = (...values: number[]) => values.map((v) => expect.closeTo(v, 4) as number);
const values = async (...xs: Tensor[]) =>
  (await Promise.all(xs.map(async (x) => [...(await x.data())]))).flat();

describe.each(backends)("transformations of compiled functions on %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  const cube = compile((x: Tensor) => x.mul(x).mul(x).sum());

  test("grad, valueAndGrad and their repetition, eager and compiled", async () => {
    const x = tensor([2, 3]);
    const twice = grad((v: Tensor) => grad(cube)(v).sum());
    for (const way of [<F>(f: F) => f, compile as <F>(f: F) => F]) {
      expect(await values(way(grad(cube))(x))).toEqual(near(12, 27));
      expect(await values(...way(valueAndGrad(cube))(x))).toEqual(near(35, 12, 27));
      expect(await values(way(twice)(x))).toEqual(near(12, 18));
      const around = grad((v: Tensor) => cube(v.mul(2)).mul(v.sum()));
      expect(await values(way(around)(tensor([1])))).toEqual(near(32));
    }
    const inner = compile(grad(cube));
    expect(await values(grad((v: Tensor) => inner(v).sum())(x))).toEqual(near(12, 18));
  });

  test("with arguments of every kind", async () => {
    const f = compile((x: Tensor, labels: Tensor, { scale }: { scale: number }, rate: Tensor) =>
      nn.softmaxCrossEntropy(x.mul(scale), labels).mul(rate),
    );
    const plain = (x: Tensor) => nn.softmaxCrossEntropy(x.mul(3), tensor(Int32Array.of(1))).mul(2);
    const x = tensor([[0.1, 0.2, 0.4]]);
    const got = grad(f)(x, Int32Array.of(1), { scale: 3 }, 2);
    expect(await values(got)).toEqual(near(...(await values(grad(plain)(x)))));
    const shaped = compile((v: Tensor, m: Tensor) => v.matmul(m).sum(), {
      inputs: [undefined, [2, 2]],
    });
    expect(await values(grad(shaped)(tensor([[1, 1]]), Float32Array.of(1, 2, 3, 4)))).toEqual(
      near(3, 7),
    );
    expect(await values(grad(cube)(2))).toEqual(near(12));
  });

  test("typed arrays are differentiated in the shapes that the function gives them", async () => {
    // Σ (x m)², x of shape [k, 2]
    const inputs = [[-1, 2], undefined];
    const f = compile((x: Tensor, m: Tensor) => x.matmul(m).square().sum(), { inputs });
    const m = tensor([[1], [2]]);
    const data = Float32Array.of(1, 2, 3, 4);
    const dx = [10, 20, 22, 44];
    const got = grad(f)(data, m);
    expect(got.shape).toEqual([2, 2]);
    expect(await values(got)).toEqual(near(...dx));
    expect(await values(...valueAndGrad(f)(data, m))).toEqual(near(146, ...dx));
    expect(await values(...grad(f, { argnums: [0, 1] })(data, m))).toEqual(near(...dx, 76, 108));
    expect(await values(compile(grad(f))(tensor([[1, 2]]), m))).toEqual(near(10, 20));
    const [y, dy] = jvp(f, [data, m], [tensor([[1, 0], [0, 0]]), null]); // prettier-ignore
    expect(await values(y, dy)).toEqual(near(146, 10));
    const [pulled] = vjp(f, data, m)[1](2);
    expect(await values(pulled)).toEqual(near(...dx.map((d) => 2 * d)));
    expect(await values(jacobian(f)(data, m))).toEqual(near(...dx));
    const h = hessian(f)(data, m);
    expect(h.shape).toEqual([2, 2, 2, 2]);
    expect(await values(h)).toEqual(near(2, 4, 0, 0, 4, 8, 0, 0, 0, 0, 2, 4, 0, 0, 4, 8));
    const twice = jacobian(grad(f))(data, m);
    expect(await values(twice)).toEqual(await values(h));
    const g = compile((x: Tensor) => x.square().square().sum(), { inputs: [[2, 2]] });
    const v = tensor([[1, 0], [0, 2]]); // prettier-ignore
    expect(await values(hvp(g, data, v))).toEqual(near(12, 0, 0, 384));
    const nested = compile(({ a, b }: { a: Tensor; b: Tensor[] }) => a.mul(b[0]).sum());
    const { a, b } = grad(nested)({ a: Float32Array.of(1, 2), b: [Float32Array.of(3, 4)] });
    expect(await values(a, ...b)).toEqual(near(3, 4, 1, 2));
  });

  test("a typed array that has no derivative, or that its function does not take, is an error", () => {
    const wide = compile((x: Tensor) => x.sum(), { inputs: [[2, -1]] });
    expect(() => grad(wide)(Float32Array.of(1, 2, 3))).toThrow(ShapeError);
    expect(() => grad(cube)(Int32Array.of(1, 2))).toThrow(GradientError);
    const plain = grad((x: Tensor) => x.sum()) as (x: unknown) => Tensor;
    expect(() => plain(Float32Array.of(1, 2))).toThrow(ArgumentError);
  });

  test("a variable passed by value", async () => {
    const w = variable([2, 3]);
    expect(await values(grad(cube)(w))).toEqual(near(12, 27));
    expect(await values(...gradients(valueAndGrad(cube)(w)[0], [w]))).toEqual(near(12, 27));
    const assigning = compile((v: Tensor) => {
      (v as typeof w).assign(v);
      return v.sum();
    });
    expect(() => grad(assigning)(w)).toThrow(TypeError);
  });

  test("what it assigns, it assigns once", async () => {
    const [count, w] = [variable(0), variable(3)];
    const f = compile((x: Tensor) => {
      count.assign(count.add(1));
      w.assign(w.mul(x));
      return w.mul(x).add(count);
    });
    const x = tensor(2);
    expect(await values(grad(f)(x), count, w)).toEqual(near(6, 1, 6));
    expect(await values(...valueAndGrad(f)(x), count, w)).toEqual(near(26, 12, 2, 12));
    expect(await values(compile(grad(f))(x), count, w)).toEqual(near(24, 3, 24));
    expect(await values(f(x), count, w)).toEqual(near(100, 4, 48));
  });

  test("a training step around a compiled model", async () => {
    const model = nn.linear(2, 1);
    const forward = compile((x: Tensor) => model.forward(x).square().sum());
    const optimizer = optim.sgd(model.parameters(), { learningRate: 0.1 });
    const x = tensor([[1, 2]]);
    expect(() => optimizer.minimize(forward(x))).toThrow(GradientError);
    const step = compile((v: Tensor) => {
      const loss = forward(v);
      optimizer.minimize(loss);
      return loss;
    });
    const first = await step(x).item();
    expect(await step(x).item()).toBeLessThan(first);
  });

  test("the oracles judge it, and carry out nothing that it assigns", async () => {
    const [w, seen] = [variable(3), variable(0)];
    const f = compile((x: Tensor) => {
      w.assign(w.mul(x.sum()));
      seen.assign(x.sum());
      return x.square().sum().mul(w).add(seen);
    });
    const x = tensor([1, 3]);
    const expected = near(24, 72); // w = 12, a leaf
    expect([...(await numericGrad(f, x))]).toEqual(expected);
    expect([...(await complexStepGrad(f, x))]).toEqual(expected);
    expect(await values(w, seen)).toEqual([3, 0]);
    const report = await checkGradients(f, x);
    expect([report.ok, report.errors.device.relative < 1e-5]).toEqual([true, true]);
    expect((await validate(f, tensor([1, 3]))).worst?.relative).toBeLessThan(1e-5);
  });
});

describe.each(backends)("a result of a compiled function on %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  test("has no history, and the error says what to do", () => {
    const x = tensor([1, 2]);
    const y = compile((v: Tensor) => v.square().sum())(x);
    const message =
      "gradients: float32[] stored, which may depend on float32[2] constant and is the result of a compiled function, " +
      "which carries no history; differentiate inside, as in compile(grad(f)), or differentiate the function that " +
      "calls it, as in grad(f)";
    expect(() => gradients(y, [x])).toThrow(new GradientError(message));
    expect(() => gradients(y.mul(2).mul(x.sum()), [x])).toThrow(
      /float32\[\] mul depends on .*compile\(grad\(f\)\)/,
    );
  });

  test("is an error only where it may depend on what is asked for", async () => {
    const [w, u, v] = [variable(3), variable(4), variable(5)];
    const [x, c] = [tensor([1, 2]), tensor([3, 4])];
    const f = compile((t: Tensor) => [t.mul(w), c.sum().mul(u), t.sum()]);
    const [a, b, d] = f(x.mul(1));
    const isRefused = (y: Tensor, ...xs: Tensor[]) =>
      xs.map((t) => {
        try {
          gradients(y.mul(w).mul(u).mul(v).add(x.sum()).add(c.sum()).sum(), [t]);
          return false;
        } catch (error) {
          expect(error).toBeInstanceOf(GradientError);
          return true;
        }
      });
    expect(isRefused(a.sum(), w, u, v)).toEqual([true, false, false]);
    expect(isRefused(b, w, u, v, c)).toEqual([false, true, false, true]);
    expect(isRefused(d, w, u, v)).toEqual([false, false, false]);
    const [own] = f(x);
    expect(isRefused(own.sum(), x, w, c, tensor(1))).toEqual([true, true, false, false]);
    expect(isRefused(f(w.mul(x))[2], w, u, v)).toEqual([true, false, false]);
    expect(isRefused(f(own)[2], x, w, u, tensor(1))).toEqual([true, true, false, false]);
    const read = own.mul(2);
    await read.data();
    expect(isRefused(read.sum(), w, u)).toEqual([true, false]);
    const far = own.greater(1).cast("float32");
    expect(isRefused(far.sum(), w)).toEqual([false]);
    const through = compile((t: Tensor) => {
      w.assign(w.mul(u));
      return w.mul(t);
    });
    expect(isRefused(through(x).sum(), w, u, x)).toEqual([true, false, true]);
  });

  test("may depend on what its arguments were computed from, and on nothing that is merely older", async () => {
    const [x, y, z] = [tensor(5), tensor(2), tensor(7)];
    const double = compile((t: Tensor) => t.mul(2));
    const a = y.mul(3);
    for (const r of [double(a), double(double(a)), double(double(a)).mul(1)]) {
      expect(await values(...gradients(r.mul(x).mul(z), [x]))).toEqual(near(7 * (await r.item())));
      for (const t of [y, a]) expect(() => gradients(r.mul(x), [t])).toThrow(GradientError);
    }
    // A tensor of a closure that is such a result itself.
    const c = double(y);
    const through = compile((t: Tensor) => t.mul(c));
    const r = through(x);
    for (const t of [x, y, c]) expect(() => gradients(r.mul(t), [t])).toThrow(GradientError);
    expect(await values(...gradients(r.mul(z), [z]))).toEqual(near(20));
    // Of an endless chain the last arguments are known; what is older may be among its beginnings.
    let state = double(z);
    for (let i = 0; i < 200; i++) state = double(state.mul(0.5));
    const late = tensor(3);
    expect(() => gradients(state.mul(z), [z])).toThrow(GradientError);
    expect(await values(...gradients(state.mul(late), [late]))).toEqual(near(14));
  });

  test("is a leaf like any tensor", async () => {
    const y = compile((t: Tensor) => t.mul(2))(tensor([1, 2]));
    expect(await values(...gradients(y.square().sum(), [y]))).toEqual(near(4, 8));
  });
});
