import {
  ArgumentError,
  clip,
  compile,
  customGradient,
  gather,
  grad,
  GradientError,
  gradients,
  init,
  jvp,
  random,
  ShapeError,
  sort,
  stopGradient,
  tensor,
  TraceError,
  variable,
  vjp,
  type Tensor,
  type WithGradient,
} from "cotangent";
import { describe, expect, test } from "vitest";
import { backends } from "../backends.ts";

const straight = customGradient((x: Tensor) => ({
  value: clip(x, -1, 1),
  gradient: (g: Tensor) => [g],
}));

/** x², which says that its derivative is 3x: so it can be told which of the two is used. */
const lying = customGradient((x: Tensor) => ({
  value: x.square(),
  gradient: (g) => [g.mul(x).mul(3)],
}));

describe.each(backends)("customGradient on %s", (backend) => {
  test("has the value of f and the gradient that it is given, eager and compiled", async () => {
    await init({ backend });
    const x = tensor([-2, 0.5, 3]);
    expect(await straight(x).array()).toEqual([-1, 0.5, 1]);
    const loss = (t: Tensor) =>
      straight(t)
        .mul(tensor([1, 2, 3]))
        .sum();
    expect(await grad(loss)(x).array()).toEqual([1, 2, 3]);
    expect(await compile(grad(loss))(x).array()).toEqual([1, 2, 3]);
    const [y, dy] = jvp(straight, [x], [tensor([5, 6, 7])]);
    expect([await y.array(), await dy.array()]).toEqual([
      [-1, 0.5, 1],
      [5, 6, 7],
    ]);
  });

  test("second derivatives are those of the gradient's graph, in every order of the modes", async () => {
    await init({ backend });
    const x = tensor(2);
    const f = (t: Tensor) => lying(t);
    const tangent = (g: (t: Tensor) => Tensor) => (t: Tensor) => jvp(g, [t], [tensor(1)])[1];
    expect(await lying(x).item()).toBe(4);
    for (const first of [grad(f), tangent(f)]) {
      expect(await first(x).item()).toBe(6);
      expect(await grad(first)(x).item()).toBe(3);
      expect(await tangent(first)(x).item()).toBe(3);
    }
    // With u = lying(x), which counts as a function with the derivative 3x: (3u · 3x)′ = 9 (3x² + u) = 36x².
    expect(await grad(grad((t: Tensor) => lying(lying(t))))(x).item()).toBe(144);
  });

  test("takes several arguments; null is a gradient of zeros, and the only one of integers", async () => {
    await init({ backend });
    const pick = customGradient((x: Tensor, i: Tensor, scale: Tensor) => ({
      value: gather(x, i).mul(scale),
      gradient: (g) => [g.sum().add(x.mul(0)), null, null],
    }));
    const places = tensor([2, 0], { dtype: "int32" });
    const x = tensor([1, 2, 3]);
    expect(await pick(x, places, 2).array()).toEqual([6, 2]);
    const [, pull] = vjp(pick, x, places, tensor(2));
    const [dx, none, dScale] = pull(tensor([1, 10]));
    expect(await dx.array()).toEqual([11, 11, 11]);
    expect(none).toBeNull();
    expect(await dScale.item()).toBe(0);
  });

  test("works on empty tensors, on scalars, nested, and on what has several results", async () => {
    await init({ backend });
    const empty = tensor(new Float32Array(0), [0, 3]);
    expect(grad((x: Tensor) => straight(x).sum())(empty).shape).toEqual([0, 3]);
    const outer = customGradient((x: Tensor) => ({
      value: lying(x),
      gradient: (g) => [grad((t: Tensor) => lying(t).mul(g))(x)],
    }));
    expect(await grad((t: Tensor) => outer(t))(tensor(2)).item()).toBe(6);
    const median = customGradient((x: Tensor) => ({
      value: sort(x).slice([1], [2]),
      gradient: (g) => [g.mul(x.mul(0).add(1))],
    }));
    expect(await grad((x: Tensor) => median(x).sum())(tensor([3, 1, 2])).array()).toEqual([
      1, 1, 1,
    ]);
    expect(await median(tensor([3, 1, 2])).array()).toEqual([2]);
  });

  test("reverses gradients: the value is the argument itself", async () => {
    await init({ backend });
    const reversed = customGradient((x: Tensor) => ({ value: x, gradient: (g) => [g.neg()] }));
    const w = variable([1, 2]);
    const before = reversed(w);
    w.assign(reversed(w).mul(3));
    expect(await before.array()).toEqual([1, 2]);
    expect(await reversed(w).array()).toEqual([3, 6]);
    const step = compile((x: Tensor) => {
      const [slope] = gradients(reversed(w).mul(x).sum(), [w]);
      w.assign(w.sub(slope));
      return reversed(x);
    });
    expect(await step(tensor([4, 5])).array()).toEqual([4, 5]);
    expect(await w.array()).toEqual([7, 11]);
  });

  test("equal ones share a plan, others don't", async () => {
    await init({ backend });
    const scaled = (by: number) =>
      customGradient((x: Tensor) => ({ value: x.mul(by), gradient: (g) => [g.mul(by)] }));
    const x = tensor([1, 2]);
    for (const by of [2, 3, 2]) {
      expect(await scaled(by)(x).array()).toEqual([by, 2 * by]);
      expect(await grad((t: Tensor) => scaled(by)(t).sum())(x).array()).toEqual([by, by]);
    }
  });

  test("reads integers, random draws and stopped tensors of its closure", async () => {
    await init({ backend });
    const w = variable([1, 2]);
    const places = tensor([1, 1], { dtype: "int32" });
    const f = customGradient((x: Tensor) => {
      const scale = stopGradient(w).add(random.bernoulli(1, [2]).cast("float32"));
      return { value: gather(x, places).mul(scale), gradient: (g) => [g.mul(scale)] };
    });
    expect(await f(tensor([4, 5])).array()).toEqual([10, 15]);
    expect(await grad((x: Tensor) => f(x).sum())(tensor([4, 5])).array()).toEqual([2, 3]);
    const step = compile((x: Tensor) => grad((t: Tensor) => f(t).sum())(x));
    w.assign(tensor([3, 4]));
    expect(await step(tensor([4, 5])).array()).toEqual([4, 5]);
  });

  test("long functions and those of compiled functions are traced as a whole", async () => {
    await init({ backend });
    const long = customGradient((x: Tensor) => {
      let y = x;
      for (let i = 0; i < 1200; i++) y = y.add(1);
      return { value: y, gradient: (g) => [g.mul(y)] };
    });
    expect(await grad((x: Tensor) => long(x).sum())(tensor([1])).array()).toEqual([1201]);
    expect(await grad(grad((x: Tensor) => long(x)))(tensor(1)).item()).toBe(1);
    const cube = compile((x: Tensor) => x.mul(x).mul(x));
    const f = customGradient((x: Tensor) => ({
      value: cube(x),
      gradient: (g) => [g.mul(cube(x))],
    }));
    expect(await grad(grad((x: Tensor) => f(x)))(tensor(2)).item()).toBe(12);
  });
});

describe("customGradient refuses", () => {
  const x = tensor([1, 2]);
  const w = variable([3, 4]);
  const own = tensor([3, 4]).mul(2);
  const passing = (gradient: WithGradient["gradient"]) =>
    customGradient((t: Tensor) => ({ value: t.mul(2), gradient }));

  test.each<[string, () => unknown, new (message: string) => Error, string]>([
    [
      "a variable of the closure",
      () => customGradient((t: Tensor) => ({ value: t.mul(w), gradient: (g) => [g] }))(x),
      GradientError,
      "customGradient: the function reads float32[2] variable from its closure, where no gradient reaches it; " +
        "pass it as an argument, or wrap it in stopGradient()",
    ],
    [
      "one that only the gradient reads",
      () => passing((g) => [g.mul(w)])(x),
      GradientError,
      "customGradient: the function reads float32[2] variable from its closure, where no gradient reaches it; " +
        "pass it as an argument, or wrap it in stopGradient()",
    ],
    [
      "a differentiable tensor of the closure",
      () => passing((g) => [g.mul(own)])(x),
      GradientError,
      "customGradient: the function reads float32[2] mul from its closure, where no gradient reaches it; " +
        "pass it as an argument, or wrap it in stopGradient()",
    ],
    [
      "an argument of the function around it",
      () =>
        grad((t: Tensor) =>
          customGradient((u: Tensor) => ({ value: u.mul(t), gradient: (g) => [g] }))(x).sum(),
        )(x),
      GradientError,
      "customGradient: the function reads float32[2] identity from its closure, where no gradient reaches it; " +
        "pass it as an argument, or wrap it in stopGradient()",
    ],
    [
      "a gradient of another shape",
      () => passing((g) => [g.sum()])(x),
      ShapeError,
      "customGradient: argument 0 has shape [2], its gradient []",
    ],
    [
      "too few gradients",
      () => passing(() => [])(x),
      ArgumentError,
      "customGradient: there are 1 arguments and 0 gradients; null stands for zeros",
    ],
    [
      "gradients that are no tensors",
      () => passing(() => [1 as unknown as Tensor])(x),
      ArgumentError,
      "customGradient: the gradient of argument 0 is a tensor or null, got number",
    ],
    [
      "gradients of integers",
      () =>
        customGradient((t: Tensor) => ({ value: t.cast("float32"), gradient: (g) => [g] }))(
          x.cast("int32"),
        ),
      GradientError,
      "customGradient: argument 0 is int32, which has no gradient; return null for it",
    ],
    [
      "values that are no floats",
      () => customGradient((t: Tensor) => ({ value: t.greater(0), gradient: (g) => [g] }))(x),
      GradientError,
      "customGradient: the value is bool[2] greater, and only floats have a gradient",
    ],
    [
      "results of another form",
      () => customGradient(((t: Tensor) => t) as unknown as (t: Tensor) => WithGradient)(x),
      ArgumentError,
      "customGradient: the function must return { value, gradient }, a tensor and a function; got an instance of Tensor",
    ],
    [
      "async functions",
      () => customGradient((async (t: Tensor) => t) as unknown as (t: Tensor) => WithGradient)(x),
      TraceError,
      "customGradient: the function is async; return { value, gradient } itself",
    ],
    [
      "what is no function",
      () => customGradient(3 as unknown as (t: Tensor) => WithGradient),
      ArgumentError,
      "customGradient: expected a function, got number",
    ],
    [
      "forward mode through a gradient that is clipped",
      () =>
        jvp(
          passing((g) => [g.clip(-1, 1)]),
          [x],
          [x],
        ),
      GradientError,
      "jvp: the gradient that customGradient was given is not linear in g, so there is no forward mode through it; use reverse mode",
    ],
    [
      "forward mode through the sign of a gradient",
      () =>
        jvp(
          passing((g) => [g.sign()]),
          [x],
          [x],
        ),
      GradientError,
      "jvp: the gradient that customGradient was given is not linear in g, so there is no forward mode through it; use reverse mode",
    ],
  ])("%s", (_, act, Class, message) => {
    expect(act).toThrow(Class);
    expect(act).toThrow(message);
  });

  test("but reverse mode goes through a clipped gradient", async () => {
    await init({ backend: "cpu" });
    const f = passing((g) => [g.clip(-1, 1)]);
    expect(await grad((t: Tensor) => f(t).mul(5).sum())(tensor([1, 2])).array()).toEqual([1, 1]);
  });
});

describe.each(backends)("stopGradient on %s", (backend) => {
  test("has zeros for derivatives, in both modes and of any order", async () => {
    await init({ backend });
    const x = tensor([1, 2]);
    expect(await stopGradient(x).array()).toEqual([1, 2]);
    expect(await stopGradient(x.greater(1)).array()).toEqual([false, true]);
    expect(await grad((t: Tensor) => stopGradient(t).sum())(x).array()).toEqual([0, 0]);
    expect(await grad((t: Tensor) => stopGradient(t).mul(t).sum())(x).array()).toEqual([1, 2]);
    expect(await jvp((t: Tensor) => stopGradient(t).mul(t), [x], [x])[1].array()).toEqual([1, 4]);
    const f = (t: Tensor) => stopGradient(t.square()).mul(t);
    expect(await grad(f)(tensor(3)).item()).toBe(9);
    expect(await grad(grad(f))(tensor(3)).item()).toBe(0);
  });
});
