import type { HostArray } from "./base/dtype.ts";
import { evaluateReal, interpret } from "./backends/cpu/interpret.ts";
import type { Backend, Executable } from "./graph/backend.ts";
import { constantOf, placeholder } from "./graph/build.ts";
import type { Program } from "./graph/program.ts";
import { Tensor, topologicalOrder } from "./graph/tensor.ts";

/** How far one value is from the reference. */
export interface Deviation {
  /** The op that made it, or the kernel. */
  op: string;
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

/** Runs a program on its device and on the reference and compares (a) what it leaves behind, (b) op by op. */
export async function validateProgram(
  backend: Backend,
  program: Program,
  executable: Executable,
  args: readonly Tensor[],
): Promise<Validation> {
  const roots = [...program.outputs, ...program.effects.map((e) => e.value)];
  // All is asked for at once, so that no other run comes between what is read and the run.
  const [sources, observed] = await Promise.all([
    readSources(backend, roots, args),
    executable.observe(args),
  ]);
  const expected = new Map<Tensor, HostArray>(sources);
  const reference = evaluateReal("float64");
  interpret(
    roots,
    (x) => sources.get(x)!,
    (op, inputs, specs, attrs, out) => {
      const y = reference(op, inputs, specs, attrs, out);
      expected.set(out, y);
      return y;
    },
  );
  const values = observed
    .filter(({ node }) => expected.has(node))
    .map(({ node, data }) => deviation(node.op!.name, node, data, expected.get(node)!));
  const ops: Deviation[] = [];
  for (const node of topologicalOrder(roots)) {
    if (node.op) ops.push(await validateOp(backend, node, expected));
  }
  return summarize(values, ops);
}

/** The values of all sources, in the digits that the device holds. */
async function readSources(
  backend: Backend,
  roots: readonly Tensor[],
  args: readonly Tensor[],
): Promise<Map<Tensor, HostArray>> {
  const sources = topologicalOrder(roots).filter((x) => !x.op);
  return new Map(
    await Promise.all(sources.map(async (x) => [x, await readSource(backend, x, args)] as const)),
  );
}

async function readSource(
  backend: Backend,
  x: Tensor,
  args: readonly Tensor[],
): Promise<HostArray> {
  const { source } = x;
  if (source?.kind === "constant") return backend.round(source.data, x.dtype);
  if (source?.kind === "input") return readSource(backend, args[source.position], args);
  if (source?.kind === "stored") return backend.read(source.storage, x);
  if (source?.kind !== "variable") throw new Error(`validate: ${String(x)} has no value`);
  const storage = backend.copyOf(source.variable);
  const data = await backend.read(storage, x);
  storage.release();
  return data;
}

/** One op alone on the device, on the reference's inputs rounded to the device's digits. */
async function validateOp(
  backend: Backend,
  node: Tensor,
  expected: ReadonlyMap<Tensor, HostArray>,
): Promise<Deviation> {
  const args = node.inputs.map((x) => constantOf(roundToFloat32(expected.get(x)!), x));
  const inputs = node.inputs.map((x, i) => placeholder(x, i));
  const alone = new Tensor(node);
  alone.op = node.op;
  alone.inputs = inputs;
  alone.attrs = node.attrs;
  const executable = backend.prepare({
    name: node.op!.name,
    inputs,
    outputs: [alone],
    effects: [],
    lasting: false,
  });
  const [storage] = executable.run(args);
  const got = await backend.read(storage, node);
  storage.release();
  const [truth] = interpret(
    [alone],
    (x) => (args[(x.source as { position: number }).position].source as { data: HostArray }).data,
    evaluateReal("float64"),
  );
  return deviation(node.op!.name, node, got, truth);
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
