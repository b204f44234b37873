import {
  cholesky,
  compile,
  det,
  eye,
  grad,
  hessian,
  hvp,
  init,
  inverse,
  jvp,
  logDet,
  matrixPower,
  ones,
  random,
  solve,
  tensor,
  triangularSolve,
  tril,
  triu,
  where,
  zeros,
  type Tensor,
} from "cotangent";
import { beforeAll, describe, expect, test } from "vitest";
import { currentBackend } from "../../../src/graph/backend.ts";
import type { WebGpuBackend } from "../../../src/backends/webgpu/webgpu-backend.ts";
import { backends } from "../../backends.ts";

const largest = async (x: Tensor) => (x.size === 0 ? 0 : x.abs().max().item());

/** Batches and rows: none, numbers, blocks that are whole and not, and more than one block. */
const SIZES: [batch: number[], n: number][] = [
  [[], 1],
  [[2], 3],
  [[2, 1, 3], 7],
  [[], 33],
  [[2], 64],
  [[], 65],
  [[], 150],
];
/** On a GPU, where all that is done to each is compiled. */
const COMPILED = SIZES.filter(([, n]) => [7, 65].includes(n));

/** The determinant of some rows and columns, by its definition. */
function minorOf(x: number[][], rows: number[], columns: number[]): number {
  const [first, ...rest] = rows;
  if (first === undefined) return 1;
  return columns.reduce((sum, c, k) => {
    const minor = minorOf(
      x,
      rest,
      columns.filter((other) => other !== c),
    );
    return sum + (k % 2 ? -1 : 1) * x[first][c] * minor;
  }, 0);
}

/** ∂² det X/∂xᵢⱼ∂xₖₗ, row-major: what is left without rows i and k and columns j and l, with its sign. */
function secondOfDet(x: number[][]): number[] {
  const all = x.map((_, i) => i);
  const places = all.flatMap((i) => all.map((j) => [i, j]));
  return places.flatMap(([i, j]) =>
    places.map(([k, l]) => {
      if (i === k || j === l) return 0;
      const sign = ((i + j + k + l) % 2 ? -1 : 1) * (i < k === j < l ? 1 : -1);
      const [rows, columns] = [
        [i, k],
        [j, l],
      ].map((gone) => all.filter((a) => !gone.includes(a)));
      return sign * minorOf(x, rows, columns);
    }),
  );
}

const normal = (batch: readonly number[], m: number, n: number) => random.normal([...batch, m, n]);

/** Random matrices far from singular. */
const regular = (batch: readonly number[], n: number) =>
  normal(batch, n, n).div(Math.sqrt(n)).add(eye(n).mul(3));

describe.each(backends)("factors and systems on %s", (backend) => {
  const near = backend === "cpu" ? 1e-11 : 2e-4;

  beforeAll(async () => {
    await init({ backend });
    random.seed(5);
  });

  const sizes = backend === "cpu" ? SIZES : COMPILED;
  test.each(sizes)("batch %j of matrices of %i rows", { timeout: 120_000 }, async (batch, n) => {
    const x = regular(batch, n);
    const b = normal([], n, 3);
    const f = compile((x: Tensor, b: Tensor) => {
      const s = x.matmul(x, { transposeB: true });
      const l = cholesky(s);
      const [sign, logAbs] = logDet(x);
      return {
        inverse: inverse(x).matmul(x).sub(eye(n)),
        solution: x.matmul(solve(x, b)).sub(b),
        cholesky: l.matmul(l, { transposeB: true }).sub(s),
        above: triu(l, 1),
        lower: tril(x).matmul(triangularSolve(x, b)).sub(b),
        // det(XXᵀ) = det(X)², by the pivots of LU and of Cholesky factors.
        logDet: logAbs.sub(logDet(l)[1]),
        sign: logDet(x.neg())[0]
          .mul(sign)
          .sub((-1) ** n),
        det: n > 40 ? zeros([]) : det(x).div(sign.mul(logAbs.exp())).sub(1),
      };
    });
    for (const [name, error] of Object.entries(f(x, b))) {
      expect(await largest(error), name).toBeLessThan(near);
    }
  });

  test("every kind of triangle is solved for, and nothing else of the matrix is read", async () => {
    const x = regular([], 5);
    const b = normal([2], 5, 4);
    for (const upper of [false, true]) {
      for (const transpose of [false, true]) {
        for (const unitDiagonal of [false, true]) {
          const part = (m: Tensor) =>
            upper ? triu(m, Number(unitDiagonal)) : tril(m, -Number(unitDiagonal));
          const whole = unitDiagonal ? part(x).add(eye(5)) : part(x);
          const read = where(part(ones([5, 5])).equal(1), x, NaN);
          const y = triangularSolve(read, b, { upper, transpose, unitDiagonal });
          const error = whole.matmul(y, { transposeA: transpose }).sub(b);
          expect(await largest(error)).toBeLessThan(near);
          // Nothing comes back to what is not read either.
          const loss = (l: Tensor) =>
            triangularSolve(l, b, { upper, transpose, unitDiagonal }).sum();
          const gradient = grad(loss)(read);
          expect(await largest(gradient.sub(part(gradient)))).toBe(0);
        }
      }
    }
  });

  test("batches broadcast, and a vector is a right side", async () => {
    const a = regular([3, 1], 4);
    const b = normal([2], 4, 2);
    const x = solve(a, b);
    expect(x.shape).toEqual([3, 2, 4, 2]);
    expect(await largest(a.matmul(x).sub(b))).toBeLessThan(near);
    const y = triangularSolve(tril(a), b);
    expect(await largest(tril(a).matmul(y).sub(b))).toBeLessThan(near);
    const z = triangularSolve(a.slice([1], [2]).squeeze(), b, { upper: true });
    expect(
      await largest(
        triu(a.slice([1], [2]).squeeze())
          .matmul(z)
          .sub(b),
      ),
    ).toBeLessThan(near);
    const v = tensor([1, 2, 3, 4]);
    const u = solve(a.squeeze(), v);
    expect(u.shape).toEqual([3, 4]);
    expect(await largest(a.squeeze().matmul(u.expandDims(2)).squeeze(2).sub(v))).toBeLessThan(near);
    expect(triangularSolve(a.squeeze(), v).shape).toEqual([3, 4]);
  });

  test("of nothing there is nothing, and its determinant is 1", async () => {
    expect(await det(zeros([2, 0, 0])).array()).toEqual([1, 1]);
    const [sign, logAbs] = logDet(zeros([0, 0]));
    expect([await sign.item(), await logAbs.item()]).toEqual([1, 0]);
    expect(grad(det)(zeros([0, 0])).shape).toEqual([0, 0]);
    for (const shape of [
      [0, 0],
      [3, 0, 0],
      [0, 4, 4],
    ]) {
      const x = zeros(shape);
      for (const f of [inverse, cholesky, (m: Tensor) => matrixPower(m, -2)]) {
        expect((await f(x).data()).length).toBe(0);
        expect(f(x).shape).toEqual(shape);
      }
      expect((await solve(x, zeros([shape.at(-1)!, 2])).data()).length).toBe(0);
      expect((await grad((m: Tensor) => det(m).sum())(x).data()).length).toBe(0);
    }
    expect(solve(eye(3), zeros([3, 0])).shape).toEqual([3, 0]);
    expect((await triangularSolve(zeros([0, 0]), zeros([0, 2])).data()).length).toBe(0);
  });

  const rankOfTwo = [
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ];
  test.each([
    [
      "rank n − 1",
      rankOfTwo,
      [
        [-3, 6, -3],
        [6, -12, 6],
        [-3, 6, -3],
      ],
    ],
    [
      "rank n − 1, no pivot in the first column",
      [
        [0, 1],
        [0, 0],
      ],
      [
        [0, 0],
        [-1, 0],
      ],
    ],
    [
      "rank n − 2",
      [
        [1, 2, 3],
        [2, 4, 6],
        [3, 6, 9],
      ],
      [
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
      ],
    ],
    [
      "zeros",
      [
        [0, 0],
        [0, 0],
      ],
      [
        [0, 0],
        [0, 0],
      ],
    ],
    ["the number 0", [[0]], [[1]]],
  ])("singular, %s: the determinant is 0 and its gradient is the cofactors", async (_, x, cof) => {
    expect(await det(tensor(x)).item()).toBeCloseTo(0, 5);
    const got = grad(det)(tensor(x));
    expect(await largest(got.sub(tensor(cof)))).toBeLessThan(backend === "cpu" ? 1e-12 : 1e-4);
  });

  test.each([1, 2, 3, 4, 5])(
    "the second derivatives of determinants of %i rows are those of the polynomial, at every rank",
    async (n) => {
      const whole = (m: number, k: number) => random.normal([m, k]).mul(2).round();
      for (let rank = 0; rank <= n; rank++) {
        const x = rank === 0 ? zeros([n, n]) : whole(n, rank).matmul(whole(rank, n));
        const rows = await x.array();
        const v = whole(n, n);
        const wanted = tensor(secondOfDet(rows as number[][]), [n, n, n, n]);
        const size = Math.max(1, await largest(x)) ** Math.max(0, n - 2);
        const byV = wanted.mul(v).sum([2, 3]);
        const [, along] = jvp(grad(det), [x], [v]);
        for (const [found, right] of [
          [hessian(det)(x), wanted],
          [hvp(det, x, v), byV],
          [along, byV],
        ]) {
          const error = await largest(found.sub(right));
          expect(error / size).toBeLessThan(backend === "cpu" ? 1e-12 : 1e-4);
        }
      }
    },
  );

  test("what has no inverse has infinities or NaN, and nothing throws", async () => {
    for (const x of [
      [
        [1, 2],
        [2, 4],
      ],
      [
        [0, 0],
        [0, 0],
      ],
      [
        [1, 0],
        [0, 0],
      ],
      [
        [NaN, 1],
        [1, 1],
      ],
    ]) {
      const [a, b] = [tensor(x), tensor([1, 1])];
      const results = [inverse(a), solve(a, b), matrixPower(a, -1), triangularSolve(a.mul(0), b)];
      for (const y of results) {
        const values = await y.data();
        expect(values.some((v) => !Number.isFinite(v))).toBe(true);
      }
    }
    expect(
      await det(
        tensor([
          [NaN, 1],
          [1, 1],
        ]),
      ).item(),
    ).toBeNaN();
    const [sign, logAbs] = logDet(
      tensor([
        [1, 2],
        [2, 4],
      ]),
    );
    expect([await sign.item(), await logAbs.item()]).toEqual([0, -Infinity]);
  });

  test("a determinant beyond float32 has a logarithm", async () => {
    const [sign, logAbs] = logDet(eye(60).mul(-1e3));
    expect(await sign.item()).toBe(1);
    expect(await logAbs.item()).toBeCloseTo(60 * Math.log(1e3), 3);
    expect(
      await grad((x: Tensor) => logDet(x)[0].add(logDet(x)[1]))(eye(2).mul(4)).array(),
    ).toEqual([
      [0.25, 0],
      [0, 0.25],
    ]);
  });

  test("cholesky works on the symmetric part, and has NaN where it is not positive definite", async () => {
    const x = tensor([
      [
        [4, 1],
        [3, 5],
      ],
      [
        [1, 2],
        [2, 1],
      ],
      [
        [1, 1],
        [1, 1],
      ],
      [
        [9, 0],
        [0, 1],
      ],
    ]);
    expect(await cholesky(x).array()).toEqual([
      [
        [2, 0],
        [1, 2],
      ],
      [
        [NaN, NaN],
        [NaN, NaN],
      ],
      [
        [NaN, NaN],
        [NaN, NaN],
      ],
      [
        [3, 0],
        [0, 1],
      ],
    ]);
    const large = eye(130).sub(eye(130).mul(tensor(new Float32Array(130).fill(2, 129))));
    expect(await cholesky(large).isNaN().all().item()).toBe(1);
  });

  test("matrixPower is a product of as many factors, or of as many inverses", async () => {
    const x = regular([2], 3).div(3);
    const powers = [-5, -2, -1, 0, 1, 2, 3, 6, 7].map((k) => [k, matrixPower(x, k)] as const);
    for (const [k, power] of powers) {
      let expected = eye(3).broadcastTo([2, 3, 3]);
      for (let i = 0; i < Math.abs(k); i++) expected = expected.matmul(k < 0 ? inverse(x) : x);
      expect(await largest(power.sub(expected)), `${k}`).toBeLessThan(10 * near);
    }
    expect(await grad((x: Tensor) => matrixPower(x, 0).sum())(eye(2)).array()).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});

test(
  "a GPU solves for few right sides by matrix products, and factors with more threads",
  { timeout: 120_000 },
  async () => {
    const device = await init();
    const { limits } = currentBackend() as WebGpuBackend;
    Object.assign(limits, { target: { ...limits.target, software: false } });
    const x = regular([], 70);
    const b = normal([], 70, 2);
    const f = compile((x: Tensor, b: Tensor) => solve(x, b));
    const kernels = f.plan(x, b).dispatches.map(({ kernel }) => kernel);
    expect(kernels).toContain("lu");
    expect(kernels.join()).not.toContain("triangularSolve");
    expect(await largest(x.matmul(f(x, b)).sub(b))).toBeLessThan(2e-4);
    device.dispose();
  },
);
