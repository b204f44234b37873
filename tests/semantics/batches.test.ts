import { describe, expect, test } from "vitest";
import { gradients } from "../../src/autodiff/gradients.ts";
import { evaluateReal, interpret } from "../../src/backends/cpu/interpret.ts";
import type { HostArray } from "../../src/base/dtype.ts";
import { constantOf } from "../../src/graph/build.ts";
import { Tensor } from "../../src/graph/tensor.ts";
import {
  add,
  grad,
  GradientError,
  hessian,
  hvp,
  jacobian,
  jvp,
  mul,
  ShapeError,
  stack,
  sum,
  vmap,
} from "../../src/index.ts";
import { randomOf } from "../graphs/agreement.ts";
import { dataOf, rows, seeds, type Row } from "../ops/rows.ts";

// For every op of the registry `vmap` is held against a loop over the examples, on the reference in float64: of the op
// itself, of its gradients and tangents, and of the derivatives of these.

const EXAMPLES = 3;
/** Rows of more elements are mapped themselves, but not their derivatives: those of smaller ones show the same rules. */
const MOST_DIFFERENTIATED = 450;

type F = (...xs: Tensor[]) => Tensor[];

const valuesOf = (ys: readonly Tensor[]): HostArray[] =>
  interpret(
    ys,
    ({ source }) => (source?.kind === "constant" ? source.data : new Float64Array(0)),
    evaluateReal("float64"),
  );

/** Numbers from −1 to 1 like a tensor's. */
const weights = ({ shape, dtype }: Tensor, seed: number) =>
  constantOf(dataOf({ shape, dtype: "float32", low: -1, high: 1 }, seed), { shape, dtype });

const isFloat = (x: Tensor) => x.dtype === "float32";

/** The gradients of Σ vᵢ yᵢ that there are. */
const gradientOf =
  (f: F, seed: number): F =>
  (...xs) => {
    const y = f(...xs).at(0);
    if (!y || !isFloat(y)) return [];
    return xs.filter(isFloat).flatMap((x) => {
      try {
        return gradients(y, [x], weights(y, seed));
      } catch (error) {
        if (error instanceof GradientError) return [];
        throw error;
      }
    });
  };

/** The tangents along random directions, if there are any. */
const tangentOf =
  (f: F, seed: number): F =>
  (...xs) => {
    try {
      const along = xs.map((x, i) => (isFloat(x) ? weights(x, seed + i) : null));
      return jvp(f, xs, along)[1].filter((dy) => dy instanceof Tensor);
    } catch (error) {
      if (error instanceof GradientError) return [];
      throw error;
    }
  };

function joined(parts: readonly HostArray[]): HostArray {
  const whole = new (parts[0].constructor as new (n: number) => HostArray)(
    parts.reduce((n, p) => n + p.length, 0),
  );
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

/** Examples of a row's operands, those that are not mapped the same in each, and what vmap is given. */
function examplesOf({ operands }: Row, mapped: readonly boolean[], seed: number) {
  const data = operands.map((operand, k) =>
    Array.from({ length: mapped[k] ? EXAMPLES : 1 }, (_, b) =>
      dataOf(operand, 31 * seed + 7 * k + 1000 * b),
    ),
  );
  return {
    each: Array.from({ length: EXAMPLES }, (_, b) =>
      operands.map((operand, k) => constantOf(data[k][mapped[k] ? b : 0], operand)),
    ),
    batch: operands.map(({ shape, dtype }, k) => {
      const whole = mapped[k] ? [EXAMPLES, ...shape] : shape;
      return constantOf(joined(data[k]), { shape: whole, dtype });
    }),
    inAxes: mapped.map((is) => (is ? 0 : null)),
  };
}

function expectNear(got: HostArray, expected: HostArray, what: string): void {
  expect(got.length, what).toBe(expected.length);
  const scale = Math.max(1, ...Array.from(expected, Math.abs).filter(Number.isFinite));
  const bad = expected.findIndex(
    (v, i) => !Object.is(v, got[i]) && !(Math.abs(v - got[i]) <= 1e-11 * scale),
  );
  if (bad >= 0) throw new Error(`${what}: element ${bad} is ${got[bad]}, not ${expected[bad]}`);
}

/** Holds vmap of f, and derivatives of vmap of f, against a loop. */
function expectLoop(f: F, row: Row, mapped: readonly boolean[], seed: number, what: string): void {
  const { each, batch, inAxes } = examplesOf(row, mapped, seed);
  const expected = each.map((xs) => f(...xs));
  const got = vmap(f, { inAxes })(...batch);
  expect(got.length, what).toBe(expected[0].length);
  got.forEach((y, k) => {
    expect([y.shape, y.dtype], what).toEqual([
      [EXAMPLES, ...expected[0][k].shape],
      expected[0][k].dtype,
    ]);
    const [whole, ...parts] = valuesOf([y, ...expected.map((ys) => ys[k])]);
    expectNear(whole, joined(parts), what);
  });
}

const all = rows.filter(({ operands }) => operands.length > 0);
const isHighest = ({ operands }: Row) => operands.some(({ shape }) => shape.length === 8);
const sizeOf = ({ operands }: Row) =>
  operands.reduce((n, { shape }) => n + shape.reduce((m, d) => m * d, 1), 0);

/** Which operands are mapped: all choices, or for derivatives one of them and all. */
function masksOf({ operands }: Row): boolean[][] {
  return Array.from({ length: 2 ** operands.length - 1 }, (_, i) =>
    operands.map((__, k) => (((i + 1) >> k) & 1) === 1),
  );
}

const label = (row: Row, mapped: readonly boolean[], seed: number) =>
  `${row.op} ${row.operands.map((o, k) => `${o.dtype}[${o.shape}]${mapped[k] ? "*" : ""}`).join(" ")}, seed ${seed}`;

describe("vmap is a loop, for every op of the registry", () => {
  test("its value", () => {
    for (const row of all.filter((r) => !isHighest(r))) {
      const f: F = (...xs) => [row.call(...xs)];
      for (const mapped of masksOf(row)) {
        const seed = seeds.get(row)!;
        expectLoop(f, row, mapped, seed, label(row, mapped, seed));
      }
    }
  });

  test("with 8 axes there is no room for one more", () => {
    for (const row of all.filter(isHighest)) {
      const { batch, inAxes } = (() => {
        const mapped = row.operands.map(({ shape }) => shape.length < 8);
        return examplesOf(row, mapped.includes(true) ? mapped : [], seeds.get(row)!);
      })();
      if (!inAxes.includes(0)) continue;
      const f = () => vmap((...xs: Tensor[]) => row.call(...xs), { inAxes })(...batch);
      expect(f, row.op).toThrow(ShapeError);
      expect(f, row.op).toThrow(/^vmap: /);
    }
  });

  const small = all.filter((row) => !isHighest(row) && sizeOf(row) <= MOST_DIFFERENTIATED);
  const kinds: Record<string, (f: F, seed: number) => F> = {
    gradient: gradientOf,
    tangent: tangentOf,
    "tangent of the gradient": (f, seed) => tangentOf(gradientOf(f, seed), seed + 10),
    "gradient of the gradient": (f, seed) => gradientOf(gradientOf(f, seed), seed + 20),
  };

  test.each(Object.entries(kinds))("its %s", (kind, derive) => {
    for (const row of small) {
      const seed = seeds.get(row)!;
      const f = derive((...xs) => [row.call(...xs)], seed);
      const draw = randomOf(seed);
      const masks = masksOf(row);
      for (const mapped of new Set([masks[Math.floor(draw() * masks.length)], masks.at(-1)!])) {
        expectLoop(f, row, mapped, seed, `${kind} of ${label(row, mapped, seed)}`);
      }
    }
  });

  test.each(Object.entries(kinds))("the %s of vmap is that of the loop", (kind, derive) => {
    for (const row of small) {
      const seed = seeds.get(row)!;
      const draw = randomOf(seed + 1);
      const masks = masksOf(row);
      const mapped = masks[Math.floor(draw() * masks.length)];
      const { each, batch, inAxes } = examplesOf(row, mapped, seed);
      const f: F = (...xs) => vmap((...own: Tensor[]) => [row.call(...own)], { inAxes })(...xs);
      const loop: F = (...xs) =>
        [
          each.map((_, b) =>
            row.call(
              ...xs.map((x, k) =>
                mapped[k] ? x.slice([b], [b + 1]).reshape(x.shape.slice(1)) : x,
              ),
            ),
          ),
        ].map((ys) => stack(ys));
      const [got, expected] = [f, loop].map((g) => valuesOf(derive(g, seed)(...batch)));
      const what = `${kind} of the batch of ${label(row, mapped, seed)}`;
      expect(got.length, what).toBe(expected.length);
      got.forEach((y, k) => expectNear(y, expected[k], what));
    }
  });
});

describe("Jacobians and Hessians, for every op of the registry", () => {
  const few = all.filter((row) => {
    const [{ shape, dtype }] = row.operands;
    return dtype === "float32" && shape.reduce((m, d) => m * d, 1) <= 40 && sizeOf(row) <= 450;
  });
  const EPS = 6e-6;

  test("both modes are equal; second derivatives are symmetric, and those of differences", () => {
    let count = 0;
    for (const row of few) {
      const seed = seeds.get(row)!;
      const what = label(row, [], seed);
      const [x, ...others] = row.operands.map((o, k) => constantOf(dataOf(o, seed + k), o));
      const f = (at: Tensor) => row.call(at, ...others);
      const y = f(x);
      if (!isFloat(y) || y.rank + x.rank > 7 || y.size > 200) continue;
      let both: [Tensor, Tensor];
      try {
        both = [jacobian(f, { mode: "forward" })(x), jacobian(f, { mode: "reverse" })(x)];
      } catch (error) {
        if (error instanceof GradientError) continue;
        throw new Error(what, { cause: error });
      }
      count++;
      expect(both.map((j) => j.shape)).toEqual([0, 1].map(() => [...y.shape, ...x.shape]));
      const [forward, reverse] = valuesOf(both);
      expectNear(forward, reverse, what);
      const v = weights(y, seed + 3);
      const total = (at: Tensor) => sum(mul(f(at), v));
      const n = x.size;
      const direction = weights(x, seed + 5);
      const gradientAt = (by: number) => grad(total)(add(x, mul(direction, by)));
      const [h, along, after, before, g] = valuesOf([
        hessian(total)(x),
        hvp(total, x, direction),
        gradientAt(EPS),
        gradientAt(-EPS),
        grad(total)(x),
      ]);
      const [d] = valuesOf([direction]);
      expectNear(
        h.map((_, i) => h[(i % n) * n + Math.floor(i / n)]),
        h,
        `${what}: symmetric`,
      );
      const product = Float64Array.from({ length: n }, (_, i) =>
        Array.from(d).reduce((s, e, j) => s + h[i * n + j] * e, 0),
      );
      expectNear(product, along, `${what}: hvp`);
      const scale = Math.max(1, ...[...along, ...g].map(Math.abs));
      along.forEach((a, i) => {
        const error = Math.abs((after[i] - before[i]) / (2 * EPS) - a) / scale;
        if (!(error < 1e-5)) throw new Error(`${what}: differences are off by ${error}`);
      });
    }
    expect(count).toBeGreaterThan(100);
  });
});
