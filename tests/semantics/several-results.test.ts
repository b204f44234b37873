import {
  add,
  compile,
  grad,
  gradients,
  init,
  jvp,
  mul,
  sub,
  sum,
  tensor,
  topK,
  type Tensor,
} from "cotangent";
import { describe, expect, test } from "vitest";
import { applyAll } from "../../src/graph/build.ts";
import type { Derivative, SeveralOp } from "../../src/graph/op.ts";
import { backends } from "../backends.ts";

// Ops with two results that are both floats, one for each way to state a derivative.

const nullable = (f: (a: Tensor, b: Tensor) => Tensor) => (a: Tensor | null, b: Tensor | null) =>
  a && b ? f(a, b) : (a ?? b);
const plus = nullable(add);
const times = (a: Tensor | null, b: Tensor | number) => a && mul(a, b);

type Parts = SeveralOp["decompose"];

let calls = 0;

/** Counts how often a derivative is asked for. */
function counted<A extends unknown[], R>(f: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    calls++;
    return f(...args);
  };
}

function opOf(decompose: Parts, derivative: Derivative<object, "several">): SeveralOp {
  return {
    kind: "composite",
    several: true,
    name: `pair by ${derivative.kind}`,
    infer: ([x]) => [x, x],
    derivative,
    decompose,
  };
}

/** xy and x + y². */
const products: Parts = ([x, y]) => [mul(x, y), add(x, mul(y, y))];
/** 2x + y and x − y. */
const sums: Parts = ([x, y]) => [add(mul(x, 2), y), sub(x, y)];
/** xy and 3xy. */
const multiples: Parts = ([x, y]) => [mul(x, y), mul(mul(x, y), 3)];

const ops: [SeveralOp, Parts][] = [
  [opOf(products, { kind: "composite", decompose: counted(products) }), products],
  [
    opOf(products, {
      kind: "differential",
      differential: counted(([dx, dy], [x, y]) => [
        plus(times(dx, y), times(dy, x)),
        plus(dx, times(dy, mul(y, 2))),
      ]),
    }),
    products,
  ],
  [
    opOf(products, {
      kind: "pullback",
      pull: counted(([g, h], [x, y]) => [
        plus(times(g, y), h),
        plus(times(g, x), times(h, mul(y, 2))),
      ]),
    }),
    products,
  ],
  [
    opOf(sums, {
      kind: "linear",
      transpose: counted(([g, h]) => [plus(times(g, 2), h), plus(g, times(h, -1))]),
    }),
    sums,
  ],
  [
    opOf(multiples, {
      kind: "multilinear",
      transpose: counted(([g, h], [x, y]) => {
        const both = plus(g, times(h, 3))!;
        return [mul(both, y), mul(both, x)];
      }),
    }),
    multiples,
  ],
];

describe("the derivatives of ops with two results", () => {
  test.each(ops.map(([op, parts]) => [op.name, op, parts] as const))("%s", async (_, op, parts) => {
    await init({ backend: "cpu" });
    const [x, y] = [tensor([1, 2]), tensor([3, 5])];
    const functions = [
      (make: Parts) => (a: Tensor, b: Tensor) => {
        const [p, q] = make([a, b], {}, []);
        return sum(mul(mul(p, q), p));
      },
      (make: Parts) => (a: Tensor, b: Tensor) => sum(mul(make([a, b], {}, [])[1], a)),
      // One of the results depends on the other.
      (make: Parts) => (a: Tensor, b: Tensor) => {
        const [p, q] = make([a, b], {}, []);
        const [r, s] = make([p, q], {}, []);
        return sum(add(mul(r, q), s));
      },
    ];
    const itself: Parts = (inputs) => applyAll(op, inputs, {});
    for (const make of functions) {
      const [f, expected] = [make(itself), make(parts)];
      const both = (h: typeof f) => grad(h, { argnums: [0, 1] })(x, y);
      const values = async (list: readonly Tensor[]) => Promise.all(list.map((t) => t.array()));
      expect(await f(x, y).item()).toBe(await expected(x, y).item());
      expect(await values(both(f))).toEqual(await values(both(expected)));
      expect(await values(compile(() => both(f))())).toEqual(await values(both(expected)));
      const along = (h: typeof f) => jvp(h, [x, y], [tensor([1, -1]), tensor([2, 1])]);
      expect(await values(along(f))).toEqual(await values(along(expected)));
      const alone = (h: typeof f) => jvp(h, [x, y], [tensor([1, -1]), null]);
      expect(await values(alone(f))).toEqual(await values(alone(expected)));
      const second = (h: typeof f) =>
        grad((a: Tensor) => sum(mul(grad(h)(a, y), tensor([1, 3]))))(x);
      expect(await second(f).array()).toEqual(await second(expected).array());
    }
  });

  test("are asked for once, with the cotangents of both", async () => {
    await init({ backend: "cpu" });
    const [x, y] = [tensor([1, 2]), tensor([3, 5])];
    for (const [op] of ops) {
      const [p, q] = applyAll(op, [x, y], {});
      calls = 0;
      gradients(sum(mul(p, q)), [x, y]);
      expect(calls).toBe(1);
    }
  });
});

describe.each(backends)("ops with two results on %s", (backend) => {
  test("one result may be evaluated, or let go of, without the other", async () => {
    await init({ backend });
    const [x, y] = [tensor([1, 2]), tensor([3, 5])];
    const [p, q] = applyAll(ops[0][0], [x, y], {});
    expect(await p.array()).toEqual([3, 10]);
    const loss = sum(mul(p, q));
    expect(await gradients(loss, [x])[0].array()).toEqual([33, 145]);
    p.dispose();
    expect(await gradients(sum(q), [y])[0].array()).toEqual([6, 10]);
    expect(() => gradients(loss, [x])).toThrow("was used after dispose()");
  });

  test("a result that its rule needs may be disposed of", async () => {
    await init({ backend });
    const x = tensor([3, 1, 2]);
    const [values, places] = topK(x, 2);
    expect(await places.array()).toEqual([0, 2]);
    expect(await values.array()).toEqual([3, 2]);
    places.dispose();
    const g = gradients(sum(mul(values, tensor([1, 10]))), [x])[0];
    expect(await g.array()).toEqual([1, 0, 10]);
  });

  test("a gradient with respect to a result is that of what uses it", async () => {
    await init({ backend });
    const [x, y] = [tensor([1, 2]), tensor([3, 5])];
    const [p, q] = applyAll(ops[1][0], [x, y], {});
    const [dp, dq, dx] = gradients(sum(mul(p, mul(q, q))), [p, q, x]);
    expect(await dp.array()).toEqual([100, 729]);
    expect(await dq.array()).toEqual([60, 540]);
    expect(await dx.array()).toEqual([360, 4185]);
  });
});
