import { beforeAll, describe, expect, test } from "vitest";
import { gradients } from "../../src/autodiff/gradients.ts";
import { evaluateReal, interpret } from "../../src/backends/cpu/interpret.ts";
import { hostArray, type Dtype, type HostArray } from "../../src/base/dtype.ts";
import { casesOf, type Case } from "../../src/check/cases.ts";
import { ops } from "../../src/check/registry.ts";
import { evaluateRounded } from "../../src/check/rounded.ts";
import { currentBackend } from "../../src/graph/backend.ts";
import { constantOf, placeholder } from "../../src/graph/build.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import {
  arange,
  compile,
  concat,
  DtypeError,
  eye,
  full,
  grad,
  GradientError,
  init,
  jvp,
  ones,
  tensor,
} from "../../src/index.ts";
import * as f from "../../src/ops/fluent.ts";
import { randomOf } from "../graphs/agreement.ts";

// Every elementwise op, in every dtype that it takes, on all combinations of the numbers where formulas break: values
// and gradients are those of the reference in float64, rounded.

const BIG = [88, 300, 1e4, 1e30];
const EDGES: Record<Dtype, readonly number[]> = {
  float32: [0, 1e-30, 1e-6, 0.5, 1, 3.7, ...BIG, Infinity].flatMap((x) => [x, -x]).concat(NaN),
  int32: [0, 1, -1, 2, -7, 46_341, 2 ** 31 - 1, -(2 ** 31)],
  uint32: [0, 1, 2, 7, 65_537, 2 ** 31, 2 ** 32 - 1],
  bool: [0, 1],
};

/** An op on edge values: what it computes, of what, and with which values. */
interface Edge {
  op: string;
  label: string;
  y: Tensor;
  gradients: Tensor[];
  xs: Tensor[];
  values: HostArray[];
}

/** All combinations of the edge values of some dtypes, a list for each. */
function combinations(dtypes: readonly Dtype[]): HostArray[] {
  const size = dtypes.reduce((n, dtype) => n * EDGES[dtype].length, 1);
  let inner = size;
  return dtypes.map((dtype) => {
    const edges = EDGES[dtype];
    inner /= edges.length;
    const data = hostArray(dtype, size);
    for (let i = 0; i < size; i++) data[i] = edges[Math.floor(i / inner) % edges.length];
    return dtype === "float32" ? data.map(Math.fround) : data;
  });
}

/** The op on the edge values of a dtype in the place of its float operands; null where it does not take them. */
function edgeOf(op: string, { operands, call }: Case, dtype: Dtype, first: number): Edge | null {
  const dtypes = operands.map((o) => (o.dtype === "float32" ? dtype : o.dtype));
  const values = combinations(dtypes);
  const xs = dtypes.map((d, i) => placeholder({ shape: [values[0].length], dtype: d }, first + i));
  const label = `${op}(${dtypes.join(", ")})`;
  try {
    const y = call(...xs);
    return { op, label, y, gradients: gradientsOf(y, xs), xs, values };
  } catch (error) {
    if (error instanceof DtypeError) return null;
    throw error;
  }
}

function gradientsOf(y: Tensor, xs: readonly Tensor[]): Tensor[] {
  const floats = xs.filter((x) => x.dtype === "float32");
  if (y.dtype !== "float32" || floats.length === 0) return [];
  const ones = constantOf(new Float64Array(y.size).fill(1), y);
  try {
    return gradients(y, floats, ones);
  } catch (error) {
    if (error instanceof GradientError) return [];
    throw error;
  }
}

/** Different ways to call an op; those that differ in shapes alone are one. */
function waysOf(name: string): Case[] {
  const cases = casesOf(name);
  return cases.filter((c, i) => {
    if (c.operands.length === 0) return false;
    return cases.findIndex((other) => other.call === c.call) === i;
  });
}

const DTYPES: readonly Dtype[] = ["float32", "int32", "uint32", "bool"];
const maps = ops.filter(({ name, kind }) => kind === "map" && waysOf(name).length > 0);

/** How far results may be off: in roundings, and for what is too small for a normal number. */
const ROUNDINGS = 16;
const SMALLEST = 1.2e-38;

function isClose(got: number, expected: number, spread: number): boolean {
  const wanted = Math.fround(expected);
  if (Object.is(got, wanted) || got === wanted) return true;
  return Math.abs(got - wanted) <= ROUNDINGS * 2 ** -24 * Math.abs(wanted) + 4 * spread + SMALLEST;
}

/** Periodic functions are reduced to a period as far as 2³²; beyond, neighbours among floats are hundreds apart. */
const PERIODIC = new Set(["sin", "cos", "tan", "sinc", "sincDerivative"]);
const isBeyond = (op: string, x: number) => PERIODIC.has(op) && Math.abs(x) > 2 ** 32;

/** What the result of one op is relative to, where its terms cancel: for lerp a + (b − a) t. */
const termsOf = (op: string, [a, b, t]: readonly number[]) =>
  op === "lerp" ? Math.abs(a) + Math.abs((b - a) * t) : 0;

describe("on edge values", () => {
  beforeAll(async () => {
    await init();
  });

  // Several ops to a program: kernels that are compiled together are fewer.
  const perTest = 10;
  const groups = Array.from({ length: Math.ceil(maps.length / perTest) }, (_, i) => {
    const names = maps.slice(perTest * i, perTest * (i + 1)).map(({ name }) => name);
    return [names.join(" "), names] as const;
  });

  test.each(groups)(
    "%s",
    async (_, names) => {
      const edges: Edge[] = [];
      let first = 0;
      for (const name of names) {
        for (const way of waysOf(name)) {
          const isGeneral = way.operands.some(({ dtype }) => dtype === "float32");
          for (const dtype of isGeneral ? DTYPES : DTYPES.slice(0, 1)) {
            const edge = edgeOf(name, way, dtype, first);
            if (!edge) continue;
            edges.push(edge);
            first += edge.xs.length;
          }
        }
      }
      expect(new Set(edges.map(({ op }) => op))).toEqual(new Set(names));
      const inputs = edges.flatMap(({ xs }) => xs);
      const data = new Map(edges.flatMap(({ xs, values }) => xs.map((x, i) => [x, values[i]])));
      const outputs = edges.flatMap((e) => [e.y, ...e.gradients]);
      const program = { name: "edges", inputs, outputs, effects: [], lasting: false };
      const backend = currentBackend()!;
      const args = inputs.map((x) => constantOf(data.get(x)!, x));
      const storages = backend.prepare(program).run(args);
      const leaf = (x: Tensor) => (x.source?.kind === "constant" ? x.source.data : data.get(x)!);
      const expected = interpret(outputs, leaf, evaluateReal("float64"));
      const erring = [1, 2, 3].map((seed) =>
        interpret(outputs, leaf, evaluateRounded(randomOf(seed), 4)),
      );
      const wrong: string[] = [];
      for (const [i, x] of outputs.entries()) {
        const got = await backend.read(storages[i], x);
        storages[i].release();
        const edge = edges.find((e) => [e.y, ...e.gradients].includes(x))!;
        const which = edge.gradients.indexOf(x);
        const what = which < 0 ? edge.label : `gradient ${which} of ${edge.label}`;
        expected[i].forEach((v, at) => {
          const operands = edge.values.map((data) => data[at]);
          if (operands.some((operand) => isBeyond(edge.op, operand))) return;
          const errors = erring.map((e) => Math.abs(e[i][at] - v)).filter(Number.isFinite);
          const spread = Math.max(0, ...errors, 2 ** -24 * termsOf(edge.op, operands));
          const close = x.dtype === "float32" ? isClose(got[at], v, spread) : got[at] === v;
          if (!close) wrong.push(`${what} at ${operands.join(", ")} is ${got[at]}, not ${v}`);
        });
      }
      expect(wrong).toEqual([]);
    },
    120_000,
  );
});

describe("zeros that compilers could find", () => {
  beforeAll(async () => {
    await init();
  });

  const zeros: [string, () => Tensor][] = [
    ["1 − 1", () => f.sub(ones([2]), 1)],
    ["(1 + 1) − (1 + 1)", () => f.sub(ones([2]).add(1), ones([2]).add(1))],
    ["log 1", () => ones([2]).log()],
    ["1 − 1 of integers", () => ones([2], { dtype: "int32" }).sub(1).cast("float32")],
    ["a cast of false", () => ones([2]).greater(1).cast("float32")],
    ["1 less the only element of a unit matrix", () => f.sub(1, eye(1)).reshape([1])],
    ["the first of all indices", () => arange(1)],
    ["where, 0 on both sides", () => f.where(tensor([true, false]), 0, 0)],
    ["padding", () => f.pad(tensor([1]), [[2, 0]]).slice([0], [2])],
    ["zeros beside zeros", () => concat([full([1], 0), full([1], -0)])],
  ];

  test.each(zeros)("don't hide ∞ and NaN: %s", async (_, zero) => {
    const x = tensor([Infinity, NaN]);
    const all = (x: Tensor) => {
      const z = zero();
      // As an epilogue of a product too.
      const product = x
        .reshape([2, 1])
        .matmul(ones([1, 1]))
        .reshape([2]);
      return [x.mul(z), z.mul(x), z.div(f.reciprocal(x)), product.mul(z)];
    };
    for (const y of [...all(x), ...compile(all)(x)]) expect(await y.array()).toEqual([NaN, NaN]);
  });

  test("don't become the mean of nothing", async () => {
    expect(await tensor([]).mean().item()).toBeNaN();
    expect(await tensor([], [2, 0]).mean(1).array()).toEqual([NaN, NaN]);
    expect(await tensor([], [2, 0]).variance(1).array()).toEqual([NaN, NaN]);
    expect(await compile((x: Tensor) => x.mean())(tensor([])).item()).toBeNaN();
  });
});

describe("near the ends of the range", () => {
  beforeAll(async () => {
    await init();
  });

  // Reciprocals of the large ones and squares of the small ones are subnormal.
  test.each<[string, () => Tensor, number]>([
    ["softsign", () => f.softsign(tensor(3e38)), 1],
    ["hypot", () => f.hypot(tensor(2e38), tensor(2e38)), 2e38 * Math.SQRT2],
    ["atan2", () => f.atan2(tensor(1e38), tensor(-3e38)), Math.atan2(1, -3)],
    ["floorDivide", () => f.floorDivide(tensor(3e38), tensor(1e38)), 3],
    ["silu", () => f.silu(tensor(-87.5)), -87.5 * Math.exp(-87.5)],
    ["the gradient of cube", () => grad(f.cube)(tensor(1e-19)), 3e-38],
  ])("%s keeps its digits", async (_, y, expected) => {
    expect((await y().item()) / expected).toBeCloseTo(1, 5);
  });

  test("the greatest float32 is a number as others are", async () => {
    const most = 2 ** 128 - 2 ** 104;
    const x = tensor([1, -Infinity]);
    expect(await x.mul(most).array()).toEqual([most, -Infinity]);
    expect(await x.clip(-most, most).array()).toEqual([1, -most]);
    expect(await x.pad([[1, 0]], most).array()).toEqual([most, 1, -Infinity]);
    expect(await compile((y: Tensor) => y.maximum(-most))(x).array()).toEqual([1, -most]);
  });

  test.each([
    ["softmax", f.softmax],
    ["logSoftmax", f.logSoftmax],
  ] as const)("the tangent of %s is 0 where all of it cancels", async (_, op) => {
    const x = tensor([1000, 0, -1000]);
    const [, tangent] = compile((x: Tensor, dx: Tensor) => jvp((t) => op(t.mul(0.3)), [x], [dx]))(
      x,
      tensor([123.456, 0, 0]),
    );
    expect((await tangent.data())[0]).toBe(0);
  });
});

describe("zeros that are written as numbers", () => {
  beforeAll(async () => {
    await init();
  });

  const zero = 0;
  const values = [-Infinity, -2, zero, 2, Infinity, NaN];
  const x = tensor(values);

  test.each<[string, Tensor, (v: number) => number]>([
    ["x / 0", x.div(0), (v) => v / 0],
    ["x / −0", x.div(-0), (v) => v / -0],
    ["−0 / x", f.div(-0, x), (v) => -0 / v],
    ["x · −0", x.mul(-0), (v) => v * -0],
    ["x · 0", x.mul(0), (v) => v * zero],
    ["0 · x", f.mul(0, x), (v) => zero * v],
    ["0 / x", f.div(0, x), (v) => zero / v],
    ["⌊x / 0⌋", f.floorDivide(x, 0), (v) => v / 0],
    ["⌊x / −0⌋", f.floorDivide(x, -0), (v) => v / -0],
    ["x mod 0", f.remainder(x, 0), () => NaN],
    ["x mod −0", f.fmod(x, -0), () => NaN],
    ["x to the power of −0", f.pow(x, -0), () => 1],
    ["−0 to the power of x", f.pow(-0, x), (v) => (-0) ** v],
    ["atan2(x, −0)", f.atan2(x, -0), (v) => Math.atan2(v, -0)],
    ["atan2(−0, x)", f.atan2(-0, x), (v) => Math.atan2(-0, v)],
  ])("%s", async (_, y, expected) => {
    const rounded = [...(await y.data())].map((v) => Math.round(v * 1e6) / 1e6);
    expect(rounded).toEqual(values.map((v) => Math.round(expected(v) * 1e6) / 1e6));
  });

  test.each([
    ["reciprocal", f.reciprocal(0), Infinity],
    ["reciprocal of −0", f.reciprocal(-0), -Infinity],
    ["rsqrt", f.rsqrt(0), Infinity],
    ["sqrt of −1", f.sqrt(-1), NaN],
    ["a sum that overflows", f.add(3e38, 3e38), Infinity],
    ["−0 itself", f.sqrt(-0), -0],
  ])("%s, of numbers alone", async (_, y, expected) => {
    expect(await y.item()).toBe(expected);
  });

  test("are constants of compiled functions too", async () => {
    const step = compile((v: Tensor) => [v.div(0), v.mul(-0), v.div(-0)]);
    const [a, b, c] = step(tensor([1, -1]));
    expect(await a.array()).toEqual([Infinity, -Infinity]);
    expect(await b.array()).toEqual([-0, 0]);
    expect(await c.array()).toEqual([-Infinity, Infinity]);
  });
});
