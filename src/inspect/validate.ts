import type { HostArray } from "../base/dtype.ts";
import { evaluateReal, interpret } from "../backends/cpu/interpret.ts";
import type { Application } from "../graph/application.ts";
import type { Backend } from "../graph/backend.ts";
import { constantOf, placeholder } from "../graph/build.ts";
import { topologicalOrder, type Tensor } from "../graph/tensor.ts";
import type { ObservedRun } from "./observe.ts";

/** How far one value is from the reference. */
export interface Deviation {
  /** The op that made it, or the kernel. */
  op: string;
  /** Of the value. */
  shape: readonly number[];
  /** The largest |got − expected| in units in the last place of float32 at the largest |expected|. */
  ulps: number;
  /** The largest |got − expected| over the largest |expected|. */
  relative: number;
}

/** What one run on a device has to do with the float64 reference. */
export interface Validation {
  /** (a) Each value that the fused plan leaves in memory, worst first: errors of the passes and the fuser show here. */
  values: Deviation[];
  /** (b) Each op's kernel alone on the reference's inputs, worst first: errors of single kernels show here. */
  ops: Deviation[];
  /** The worst of all. */
  worst: Deviation | null;
  /**
   * A line for each value and op, worst first.
   * @returns the text
   */
  toString(): string;
}

/** The distance of two arrays; where the reference is not finite, the other must be the same. */
export function deviation(op: string, x: Tensor, got: HostArray, expected: HostArray): Deviation {
  let [largest, error] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const e = Math.fround(expected[i]);
    const g = got[i];
    if (!Number.isFinite(e)) {
      if (!Object.is(g, e) && !(Number.isNaN(g) && Number.isNaN(e))) error = Infinity;
      continue;
    }
    largest = Math.max(largest, Math.abs(e));
    const d = Math.abs(g - expected[i]);
    error = Math.max(error, Number.isNaN(d) ? Infinity : d);
  }
  const ulp = 2 ** (Math.floor(Math.log2(Math.max(largest, 2 ** -126))) - 23);
  return {
    op,
    shape: x.shape,
    ulps: error / ulp,
    relative: error === 0 ? 0 : error / Math.max(largest, Number.MIN_VALUE),
  };
}

/** Compares one run of a program with the reference: (a) what it left behind, and (b) op by op. */
export async function validateRun(
  backend: Backend,
  { roots, sources, observed }: ObservedRun,
): Promise<Validation> {
  const expected = new Map<Tensor, HostArray>(sources);
  interpret(
    roots,
    (x) => sources.get(x)!,
    evaluateReal("float64"),
    (node, value) => expected.set(node, value),
  );
  const values = observed
    .filter(({ node }) => expected.has(node))
    .map(({ node, data }) => deviation(node.op!.name, node, data, expected.get(node)!));
  const ops: Deviation[] = [];
  for (const node of topologicalOrder(roots)) {
    if (node.application) ops.push(await validateOp(backend, node, node.application, expected));
  }
  return summarize(values, ops);
}

/** One op alone on the device, on the reference's inputs rounded to the device's digits. */
async function validateOp(
  backend: Backend,
  node: Tensor,
  application: Application,
  expected: ReadonlyMap<Tensor, HostArray>,
): Promise<Deviation> {
  const { op, results } = application;
  const args = application.inputs.map((x) => constantOf(roundToFloat32(expected.get(x)!), x));
  const inputs = application.inputs.map((x, i) => placeholder(x, i));
  const alone = application.to(inputs).results[results.indexOf(node)];
  const executable = backend.prepare(
    { name: op.name, inputs, outputs: [alone], effects: [], lasting: false },
    { quick: false },
  );
  const [storage] = executable.run(args);
  const got = await backend.read(storage, node);
  storage.release();
  const [truth] = interpret(
    [alone],
    (x) => (args[(x.source as { position: number }).position].source as { data: HostArray }).data,
    evaluateReal("float64"),
  );
  return deviation(op.name, node, got, truth);
}

const roundToFloat32 = (data: HostArray): HostArray =>
  data instanceof Float64Array ? Float32Array.from(data) : data;

function summarize(values: Deviation[], ops: Deviation[]): Validation {
  const byError = (a: Deviation, b: Deviation) => b.ulps - a.ulps;
  values.sort(byError);
  ops.sort(byError);
  const worst = [...values, ...ops].sort(byError)[0] ?? null;
  const line = (d: Deviation) =>
    `${d.ulps.toPrecision(3).padStart(9)} ulp  ${d.relative.toExponential(1)}  ${d.op} [${d.shape.join(", ")}]`;
  return {
    values,
    ops,
    worst,
    toString: () =>
      [
        "values of the plan, worst first:",
        ...values.map(line),
        "ops alone, worst first:",
        ...ops.map(line),
      ].join("\n"),
  };
}
