import {
  compile,
  grad,
  GradientError,
  gradients,
  init,
  optim,
  tensor,
  valueAndGrad,
  variable,
  type Tensor,
  type Variable,
} from "cotangent";
import { beforeAll, describe, expect, test } from "vitest";
import { backends } from "../backends.ts";

// A variable is a leaf: what a gradient counts is where it was read, and no derivative passes an assignment.

const near = (...values: number[]) => values.map((v) => expect.closeTo(v, 4) as number);
const values = async (xs: readonly Tensor[]) =>
  (await Promise.all(xs.map(async (x) => [...(await x.data())]))).flat();

type Read = (...xs: Tensor[]) => Promise<void>;

/** How a program is run: eagerly with all, some or nothing read in between, and as a compiled function. */
const ways: [string, (program: (read: Read) => Promise<Tensor[]>) => Promise<Tensor[]>][] = [
  ["eager", (program) => program(async () => {})],
  [
    "eager, with reads in between",
    (program) =>
      program(async (...xs) => {
        await values(xs);
      }),
  ],
  [
    "eager, with another tensor read in between",
    (program) =>
      program(async () => {
        await tensor([1]).add(1).data();
      }),
  ],
];

/** A program that has no reads to wait for can be compiled. */
type Program = (vs: Variable[], x: Tensor) => Tensor[];

/** Programs of the variables u = 2, v = 3 and the constant x = 5, what they return, and what u and v are then. */
const programs: [string, Program, number[], number[]][] = [
  [
    "a variable read before and after an assignment",
    ([u]) => {
      const a = u.mul(u);
      u.assign(tensor(5));
      return gradients(a.add(u.mul(u)), [u]);
    },
    [4 + 10],
    [5, 3],
  ],
  [
    "a product over three values of one variable",
    ([u]) => {
      const a = u.mul(1);
      u.assign(u.add(1));
      const b = a.mul(u);
      u.assign(u.add(1));
      return gradients(b.mul(u), [u]); // 2·3 + 2·4 + 3·4
    },
    [26],
    [4, 3],
  ],
  [
    "a step of descent on another variable",
    ([d, g], x) => {
      optim.sgd([d], { learningRate: 0.1 }).minimize(d.mul(g).mul(x).sub(d.mul(x)));
      return gradients(d.mul(g).mul(x).neg(), [g, d]);
    },
    [-5, -15], // d = 2 − 0.1 (15 − 5) = 1
    [1, 3],
  ],
  [
    "a moving average",
    ([w, average]) => {
      average.assign(average.mul(0.9).add(w.mul(0.1)));
      return gradients(w.sub(average).square(), [w, average]); // average = 2.9
    },
    [-1.8, 1.8],
    [2, 2.9],
  ],
  [
    "a copied target",
    ([w, target], x) => {
      target.assign(w);
      return gradients(w.mul(x).sub(target.mul(2)).square(), [w, target]); // (10 − 4)²
    },
    [60, -24],
    [2, 2],
  ],
  [
    "a running mean that divides",
    ([w, mean], x) => {
      const y = w.mul(x);
      mean.assign(mean.add(y).mul(0.5));
      return gradients(y.div(mean), [w, mean, x]); // 10 / 6.5
    },
    [5 / 6.5, -10 / 6.5 ** 2, 2 / 6.5],
    [2, 6.5],
  ],
  [
    "a tensor that leads there only through an assignment",
    ([u], x) => {
      u.assign(x.mul(4));
      return gradients(u.mul(u), [x, u]);
    },
    [0, 40],
    [20, 3],
  ],
  [
    "a tensor that leads there through an assignment of a comparison",
    ([u], x) => {
      u.assign(x.greater(1).cast("float32"));
      return gradients(u.mul(u).mul(x), [x, u]);
    },
    [1, 10],
    [1, 3],
  ],
  [
    "a variable as the result",
    ([u, v]) => {
      u.assign(v.mul(v));
      return gradients(u, [u, v]);
    },
    [1, 0],
    [9, 3],
  ],
  [
    "the second derivative",
    ([u]) => {
      const a = u.square().mul(u);
      u.assign(u.mul(2));
      const [d] = gradients(a.mul(u), [u]); // 3·2²·4 + 2³
      return [d, ...gradients(d, [u])]; // 6·2·4 + 3·2² + 3·2²
    },
    [56, 72],
    [4, 3],
  ],
  [
    "a swap",
    ([u, v]) => {
      const old = u.mul(1);
      u.assign(v);
      v.assign(old);
      return gradients(u.mul(v).mul(old), [u, v]); // 3·2·2, of which old is the first u
    },
    [2 * 2 + 3 * 2, 3 * 2],
    [3, 2],
  ],
  [
    "a use that has no derivative beside one that has",
    ([u]) => {
      const sign = u.greater(0).cast("float32");
      u.assign(u.add(1));
      return gradients(sign.mul(u).mul(u), [u]);
    },
    [6],
    [3, 3],
  ],
  [
    "inside grad",
    ([u, v], x) => {
      const f = (t: Tensor) => {
        u.assign(t.mul(u));
        return t.mul(u).mul(v);
      };
      return [...valueAndGrad(f)(x), ...gradients(f(x), [u, v, x])]; // u = 10, then 50
    },
    [150, 30, 15, 250, 150],
    [50, 3],
  ],
];

describe.each(backends)("a variable is a leaf on %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  const start = () => ({ vs: [variable(2), variable(3)], x: tensor(5) });

  describe.each(programs)("%s", (_, program, expected, after) => {
    test("eager", async () => {
      const { vs, x } = start();
      expect(await values(program(vs, x))).toEqual(near(...expected));
      expect(await values(vs)).toEqual(near(...after));
    });

    test("eager, with something read at every assignment", async () => {
      const { vs, x } = start();
      const reads: Promise<unknown>[] = [];
      for (const v of vs) {
        const { assign } = v;
        v.assign = (value) => {
          reads.push(v.mul(1).data());
          assign.call(v, value);
          reads.push(tensor([1]).add(1).data());
        };
      }
      expect(await values(program(vs, x))).toEqual(near(...expected));
      expect(await values(vs)).toEqual(near(...after));
      await Promise.all(reads);
    });

    test("compiled", async () => {
      const { vs, x } = start();
      const got = compile((t: Tensor) => program(vs, t))(x);
      expect(await values(got)).toEqual(near(...expected));
      expect(await values(vs)).toEqual(near(...after));
    });
  });

  test.each(ways)("one value before and after it was read, %s", async (_, way) => {
    const w = variable(tensor([1, 2, 3]));
    const got = await way(async (read) => {
      const a = w.square();
      await read(a.sum());
      const b = a.mul(w);
      await read(b);
      w.assign(w.mul(1));
      const c = b.mul(w);
      await read();
      return [...gradients(b.sum(), [w]), ...gradients(c.sum(), [w])];
    });
    expect(await values(got)).toEqual(near(3, 12, 27, 4, 32, 108));
  });

  test.each(ways)(
    "what was read before an assignment keeps all of its paths, %s",
    async (_, way) => {
      const [w, v] = [variable(3), variable(5)];
      const got = await way(async (read) => {
        const z = w.mul(v);
        await read(z);
        v.assign(tensor(100));
        await read(v);
        w.assign(tensor(7));
        await read(w);
        return gradients(z.mul(w), [w, v]); // 5·7 + 15, 3·7
      });
      expect(await values(got)).toEqual(near(50, 21));
    },
  );

  test.each(ways)("a variable that the loss does not read has gradient 0, %s", async (_, way) => {
    const [used, unused] = [variable([1, 2]), variable([3, 4])];
    const optimizer = optim.adam([used, unused], { learningRate: 0.1 });
    await way(async (read) => {
      for (let i = 0; i < 6; i++) {
        const h = used.mul(2);
        const loss = h.square().sum();
        await read(h);
        optimizer.minimize(loss);
        if (i % 2) await read(loss);
      }
      return [];
    });
    expect(await values([unused])).toEqual([3, 4]);
    expect((await used.data())[0]).toBeLessThan(0.9);
  });

  test("a variable assigned by a compiled function in between", async () => {
    const [w, v] = [variable(3), variable(5)];
    const step = compile(() => {
      w.assign(w.mul(v).add(1));
    });
    const a = w.mul(v);
    await a.data();
    step();
    const b = a.mul(w); // 15·16
    step();
    expect(await values(gradients(b.mul(w), [w, v]))).toEqual(
      near(5 * 16 * 81 + 15 * 81 + 15 * 16, 3 * 16 * 81),
    );
  });

  test("a tensor of a compiled function's closure keeps the variable as it was", async () => {
    const w = variable(3);
    const a = w.square();
    const b = w.mul(1);
    await b.data();
    const f = compile(() => gradients(a.mul(b).mul(w), [w])[0]); // 27w: 27w + 27
    for (const value of [3, 3, 10]) {
      w.assign(tensor(value));
      expect(await f().item()).toBeCloseTo(27 * value + 27, 3);
    }
  });

  test("a value that nothing changes is a value of its own", async () => {
    const w = variable([1, 2]);
    await w.data();
    const same = [
      w.reshape([2]),
      w.cast("float32"),
      w.slice([0]),
      w.transpose(),
      grad((x: Tensor) => x.sum())(w).mul(w),
      gradients(w, [w], w)[0],
      valueAndGrad(() => variable(4), { argnums: [] })()[0],
    ];
    w.assign(tensor([5, 6]));
    await w.data();
    w.assign(w.neg());
    await w.data();
    expect(await values(same)).toEqual([1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 4]);
  });

  test("a variable that is disposed of was read all the same", async () => {
    const [w, v] = [variable(3), variable(5)];
    const z = w.mul(v).mul(w);
    await z.data();
    w.dispose();
    expect(await values(gradients(z, [v, w]))).toEqual([9, 30]);
  });

  test("what was disposed of is where a gradient ends, with an error", async () => {
    const [w, v] = [variable(3), variable(5)];
    const [x, z] = [w.mul(w), w.mul(w)];
    await values([x, z]);
    const y = x.mul(v);
    const t = z.square().mul(v);
    await values([y, t]);
    x.dispose();
    z.dispose();
    expect(() => gradients(y, [w])).toThrow(GradientError);
    expect(() => gradients(y, [w])).toThrow(/which may depend on .* was disposed/);
    expect(() => gradients(t, [w])).toThrow(/dispose/);
  });
});
