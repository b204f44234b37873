import type { HostArray } from "../base/dtype.ts";
import type { Backend, Executable, Observation } from "../graph/backend.ts";
import type { Program } from "../graph/program.ts";
import { topologicalOrder, type Tensor } from "../graph/tensor.ts";

/** What a program was given in one run, and what it left behind. */
export interface Run {
  roots: readonly Tensor[];
  /** The values of all sources, in the digits that the device holds. */
  sources: ReadonlyMap<Tensor, HostArray>;
  observed: readonly Observation[];
}

/** Runs a program once. All is asked for before this returns, so that no other run comes in between. */
export async function observe(
  backend: Backend,
  { outputs, effects }: Program,
  executable: Executable,
  args: readonly Tensor[],
): Promise<Run> {
  const roots = [...outputs, ...effects.map((e) => e.value)];
  const sources = topologicalOrder(roots).filter((x) => !x.op);
  const [entries, observed] = await Promise.all([
    Promise.all(sources.map(async (x) => [x, await readSource(backend, x, args)] as const)),
    executable.observe(args),
  ]);
  return { roots, sources: new Map(entries), observed };
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
