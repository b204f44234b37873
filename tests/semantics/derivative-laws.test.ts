import { describe, expect, test } from "vitest";
import { gradients } from "../../src/autodiff/gradients.ts";
import type { HostArray } from "../../src/base/dtype.ts";
import { evaluateComplex, evaluateReal, interpret } from "../../src/backends/cpu/interpret.ts";
import type { CaseOperand } from "../../src/check/cases.ts";
import { functions, ops } from "../../src/check/registry.ts";
import { constantOf } from "../../src/graph/build.ts";
import type { ComplexArray, Op } from "../../src/graph/op.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { add, GradientError, jvp, mul } from "../../src/index.ts";
import { derive, label, leafOf, type Derived } from "../ops/derivatives.ts";
import { dataOf, rows, seeds } from "../ops/rows.ts";

// The laws that every op of the registry obeys, whatever it is: its derivatives are those that complex steps find, in both
// modes, and so are theirs.

const all = rows.map((row) => derive(row, seeds.get(row)!));

/** An operand like a tensor, of numbers from −1 to 1. */
const unit = ({ shape, dtype }: Tensor): CaseOperand => ({ shape, dtype, low: -1, high: 1 });

/** Ops that may have no derivative: comparisons, logical ops, places of extremes, counters, random draws. */
const WITHOUT = (
  "equal notEqual less lessEqual greater greaterEqual isFinite isInf isNaN logicalAnd logicalNot " +
  "logicalOr logicalXor argMax argMin all any iota randomBits randomNormal randomPermutation randomUniform"
).split(" ");

describe("the registry", () => {
  test("lists all functions with a record", () => {
    const modules = import.meta.glob<Record<string, unknown>>(
      ["../../src/{ops,random,autodiff}/**/*.ts"],
      { eager: true },
    );
    const exported = Object.values(modules).flatMap((module) => Object.values(module));
    const made = exported.filter((f) => typeof f === "function" && "op" in f) as { op: Op }[];
    const names = new Set(made.map(({ op }) => op.name));
    expect([...names].toSorted()).toEqual([...functions.keys()].toSorted());
  });

  test("every op has a row, and rows of ops apply them", () => {
    const tested = new Set(rows.map((row) => row.op));
    expect(ops.filter(({ name }) => !tested.has(name))).toEqual([]);
    expect(ops.length).toBeGreaterThan(110);
  });

  test("only ops that may do so have no derivative", () => {
    const without = ops.filter((op) => op.differentiated === "none").map((op) => op.name);
    expect(without.toSorted()).toEqual(WITHOUT.toSorted());
    // Of a cast it depends on the dtypes.
    for (const { row, y, xs, gradients: gs } of all) {
      const exempt = WITHOUT.includes(row.op) || row.op === "cast" || row.op === "oneHot";
      const wanted = xs.filter((x) => x.dtype === "float32").length;
      if (y.dtype === "float32" && !exempt) expect(gs.length, row.op).toBe(wanted);
    }
  });
});

/** Σ uᵢ ∂y/∂xᵢ for a random direction u of all float operands, by a complex step. */
function alongStep(
  y: Tensor,
  { values }: Derived,
  directions: ReadonlyMap<Tensor, HostArray>,
): Float64Array {
  const step = 1e-100;
  const leaf = (x: Tensor): ComplexArray => {
    const direction = directions.get(x);
    const im = direction ? Float64Array.from(direction, (u) => u * step) : null;
    return { re: leafOf(values)(x), im };
  };
  const [{ im }] = interpret([y], leaf, evaluateComplex);
  return im ? im.map((v) => v / step) : new Float64Array(y.size);
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((s, v, i) => s + v * b[i], 0);
const dotOfMagnitudes = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((s, v, i) => s + Math.abs(v * b[i]), 0);

/** ⟨v, J u⟩ by a complex step and ⟨Jᵀ v, u⟩ by reverse mode, for a scalar function of all float operands. */
function expectAdjoint(y: Tensor, v: HostArray, gs: readonly Tensor[], d: Derived, seed: number) {
  const floats = d.xs.filter((x) => x.dtype === "float32");
  const directions = new Map(floats.map((x, i) => [x, dataOf(unit(x), seed + i)] as const));
  const forward = dot(v, alongStep(y, d, directions));
  const values = interpret(gs, leafOf(d.values), evaluateReal("float64"));
  const reverse = values.reduce((s, g, i) => s + dot(g, directions.get(floats[i])!), 0);
  const scale = values.reduce((s, g, i) => s + dotOfMagnitudes(g, directions.get(floats[i])!), 1);
  expect(Math.abs(forward - reverse) / scale, label(d)).toBeLessThan(1e-10);
}

describe("derivatives on the reference", () => {
  const analytic = all.filter((d) => d.gradients.length > 0);

  test("reverse mode finds what complex steps find", () => {
    for (const [i, d] of analytic.entries()) {
      const v = dataOf(unit(d.y), 5 * i);
      const floats = d.xs.filter((x) => x.dtype === "float32");
      const gs = gradients(d.y, floats, constantOf(v, d.y));
      expectAdjoint(d.y, v, gs, d, 7 * i);
    }
  });

  /** Random directions for all floats, as values by operand and as tangents. */
  function along(d: Derived, seed: number) {
    const directions = new Map(
      d.xs
        .filter((x) => x.dtype === "float32")
        .map((x, i) => [x, dataOf(unit(x), seed + i)] as const),
    );
    const tangents = d.xs.map((x) => {
      const u = directions.get(x);
      return u ? constantOf(u, x) : null;
    });
    return { directions, tangents };
  }

  function expectTangent(dy: Tensor, y: Tensor, d: Derived, directions: Map<Tensor, HostArray>) {
    const [got] = interpret([dy], leafOf(d.values), evaluateReal("float64"));
    const expected = alongStep(y, d, directions);
    const scale = expected.reduce((m, v) => Math.max(m, Math.abs(v)), 1);
    expect(got.length, label(d)).toBe(expected.length);
    const worst = expected.reduce((m, v, i) => Math.max(m, Math.abs(got[i] - v)), 0);
    expect(worst / scale, label(d)).toBeLessThan(1e-10);
    return got;
  }

  test("forward mode finds what complex steps find, and is the adjoint of reverse mode", () => {
    for (const [i, d] of analytic.entries()) {
      const { directions, tangents } = along(d, 7 * i);
      const [y, dy] = jvp(d.row.call, d.xs, tangents);
      expect([dy.shape, dy.dtype]).toEqual([y.shape, y.dtype]);
      const forward = expectTangent(dy, y, d, directions);
      const v = dataOf(unit(d.y), 5 * i);
      const gs = interpret(
        gradients(y, [...directions.keys()], constantOf(v, y)),
        leafOf(d.values),
        evaluateReal("float64"),
      );
      const us = [...directions.values()];
      const reverse = gs.reduce((s, g, k) => s + dot(g, us[k]), 0);
      const scale = gs.reduce((s, g, k) => s + dotOfMagnitudes(g, us[k]), 1);
      expect(Math.abs(dot(v, forward) - reverse) / scale, label(d)).toBeLessThan(1e-9);
    }
  });

  test("forward mode along some of the operands has zeros for the others", () => {
    for (const [i, d] of analytic.entries()) {
      const { directions, tangents } = along(d, 7 * i);
      if (directions.size < 2) continue;
      for (const [x, u] of directions) {
        const alone = tangents.map((t, k) => (d.xs[k] === x ? t : null));
        const [y, dy] = jvp(d.row.call, d.xs, alone);
        expectTangent(dy, y, d, new Map([[x, u]]));
      }
    }
  });

  test("forward mode through gradients and tangents finds what complex steps find", () => {
    for (const [i, d] of analytic.entries()) {
      const { directions, tangents } = along(d, 7 * i);
      const v = dataOf(unit(d.y), 5 * i);
      const position = d.xs.findIndex((x) => x.dtype === "float32");
      const gradient = (...xs: Tensor[]) =>
        gradients(d.row.call(...xs), [xs[position]], constantOf(v, d.y))[0];
      const other = along(d, 13 * i).tangents;
      const tangent = (...xs: Tensor[]) => jvp(d.row.call, xs, other)[1];
      for (const first of [gradient, tangent]) {
        const [y, dy] = jvp(first, d.xs, tangents);
        expectTangent(dy, y, d, directions);
      }
    }
  });

  test("and of what is used twice it is the sum", () => {
    for (const [i, d] of analytic.entries()) {
      const floats = d.xs.filter((x) => x.dtype === "float32");
      const z = add(mul(d.y, d.y), d.row.call(...d.xs));
      const v = dataOf(unit(z), 5 * i);
      expectAdjoint(z, v, gradients(z, floats, constantOf(v, z)), d, 7 * i);
    }
  });

  test("gradients have the gradients that complex steps find", () => {
    for (const [i, d] of analytic.entries()) {
      const floats = d.xs.filter((x) => x.dtype === "float32");
      for (const [k, g] of d.gradients.entries()) {
        const v = dataOf(unit(g), 5 * i + k);
        let gs: Tensor[];
        try {
          gs = gradients(g, floats, constantOf(v, g));
        } catch (error) {
          if (error instanceof GradientError) continue;
          throw error;
        }
        expectAdjoint(g, v, gs, d, 11 * i + k);
      }
    }
  });
});
