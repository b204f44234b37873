import { describe, expect, test } from "vitest";
import { referenceOf } from "../../src/backends/cpu/reference-rules.ts";
import { hostArray, type Dtype } from "../../src/base/dtype.ts";
import { DtypeError } from "../../src/base/errors.ts";
import { casesOf } from "../../src/check/cases.ts";
import { functions } from "../../src/check/registry.ts";
import { placeholder } from "../../src/graph/build.ts";
import type { MapOp, ReduceOp, Spec } from "../../src/graph/op.ts";
import * as reference from "../../src/graph/reference.ts";
import { constant, type Scalar } from "../../src/graph/scalar.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { evaluateScalar } from "../plan/evaluate-scalar.ts";

// What kernels compute for an element, carried out in float64, against the reference: no shader is involved.

const FLOATS = [0, 0.3, 0.5, 1, 1.5, 2, 2.5, 3, 7, 20, 100, 1e4, 3e38, 1e-40, Infinity];
const WHOLE = [0, 1, 2, 3, 7, 12345, 2 ** 31 - 1];
const VALUES: Record<Dtype, number[]> = {
  float32: [...FLOATS, ...FLOATS.map((x) => -x), NaN],
  int32: [...WHOLE, ...WHOLE.map((x) => -x | 0), -(2 ** 31)],
  uint32: [...WHOLE, 2 ** 31, 2 ** 32 - 1],
  bool: [0, 1],
};

/** All pairs, or longer lists, of the values of some dtypes. */
function points(dtypes: readonly Dtype[]): number[][] {
  const step = dtypes.length > 2 ? 3 : 1; // of three and four arguments every third value
  return dtypes.reduce<number[][]>(
    (lists, dtype) =>
      lists.flatMap((list) =>
        VALUES[dtype].filter((_, i) => i % step === 0).map((value) => [...list, value]),
      ),
    [[]],
  );
}

/** Less than float32 can tell: some functions are approximated. */
const isNear = (a: number, b: number) =>
  Object.is(a, b) || a === b || Math.abs(a - b) <= 2 ** -27 * Math.abs(b);

/** The nodes of an op in the graphs of its cases, one for each list of attributes. */
function nodesOf(name: string): Tensor[] {
  const found = new Map<string, Tensor>();
  const visit = (x: Tensor): void => {
    if (x.op?.name === name) found.set(JSON.stringify(x.attrs), x);
    x.inputs.forEach(visit);
  };
  for (const { call, operands } of casesOf(name)) visit(call(...operands.map(placeholder)));
  return [...found.values()];
}

/** What an op takes beside what its case gives it: other dtypes in the place of float32. */
function signaturesOf({ op, inputs, attrs }: Tensor): Spec[][] {
  const all = (["float32", "int32", "uint32", "bool"] as const).map((dtype) =>
    inputs.map((x) => ({ shape: [], dtype: x.dtype === "float32" ? dtype : x.dtype })),
  );
  return all.filter((specs) => {
    try {
      (op as MapOp).infer(specs, attrs);
      return true;
    } catch (error) {
      if (error instanceof DtypeError) return false;
      throw error;
    }
  });
}

const named = (kind: string) => [...functions.values()].filter(({ op }) => op.kind === kind);

describe("the expression of an elementwise op", () => {
  test.each(named("map").map(({ op }) => op.name))("%s is its formula", (name) => {
    const nodes = nodesOf(name);
    expect(nodes.length).toBeGreaterThan(0);
    for (const node of nodes) {
      const { op, attrs } = node as Tensor & { op: MapOp };
      for (const specs of signaturesOf(node)) {
        const out = op.infer(specs, attrs);
        for (const point of points(specs.map((s) => s.dtype))) {
          const args = point.map((value, i) => constant(value, specs[i].dtype));
          const y = op.scalar(args, attrs);
          const inputs = point.map((value, i) => hostArray(specs[i].dtype, 1).fill(value));
          const [[expected]] = referenceOf(op).cpu!(inputs, specs, attrs, [out], reference);
          const told = `${name}(${point}) ${JSON.stringify(attrs)} of ${specs.map((s) => s.dtype)}`;
          expect(y.dtype, told).toBe(out.dtype);
          const got = evaluateScalar(y);
          if (!isNear(got, expected)) expect(got, told).toBe(expected);
        }
      }
    }
  });
});

describe("the fold of a reduction", () => {
  const rows = (dtype: Dtype) =>
    [1, 2, 5, 8].flatMap((length) =>
      VALUES[dtype].map((_, i) =>
        Array.from({ length }, (__, k) => VALUES[dtype][(i + 7 * k) % VALUES[dtype].length]),
      ),
    );

  test.each(named("reduce").map(({ op }) => op.name))("%s is its formula", (name) => {
    const [node] = nodesOf(name);
    const { op } = node as Tensor & { op: ReduceOp };
    const attrs = { axes: [0], keepDims: false };
    const state = (list: readonly Scalar[]) =>
      list.map((x) => constant(evaluateScalar(x), x.dtype));
    for (const specs of signaturesOf(node)) {
      const [{ dtype }] = specs;
      const fold = op.fold(dtype);
      for (const row of rows(dtype)) {
        const spec = { shape: [row.length], dtype };
        const out = op.infer([spec], attrs);
        const data = hostArray(dtype, row.length);
        data.set(row);
        const [expected] = op.cpu([data], [spec], attrs, out, reference);
        const lifted = row.map((value, i) =>
          state(fold.lift(constant(value, dtype), constant(i, "uint32"))),
        );
        // From the left, and by halves.
        const left = lifted.reduce<readonly Scalar[]>(
          (a, b) => state(fold.combine(a, b)),
          fold.identity,
        );
        const halves = (list: readonly (readonly Scalar[])[]): readonly Scalar[] => {
          if (list.length < 2) return list[0];
          const half = list.length >> 1;
          return state(fold.combine(halves(list.slice(0, half)), halves(list.slice(half))));
        };
        for (const all of [left, halves(lifted)]) {
          const y = fold.finish(all);
          expect(y.dtype).toBe(out.dtype);
          const got = evaluateScalar(y);
          if (!isNear(got, expected)) expect(got, `${name}(${row}) of ${dtype}`).toBe(expected);
        }
      }
    }
  });
});
