import type { HostArray } from "../base/dtype.ts";
import type { Backend, Executable, Observation } from "../graph/backend.ts";
import { sourceData } from "../graph/host-data.ts";
import type { Program } from "../graph/program.ts";
import { topologicalOrder, type Tensor } from "../graph/tensor.ts";

/** What a program was given in one run, and what it left behind. */
export interface ObservedRun {
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
): Promise<ObservedRun> {
  const roots = [...outputs, ...effects.map((e) => e.value)];
  const sources = topologicalOrder(roots).filter((x) => !x.op);
  const given = ({ source }: Tensor) => (source?.kind === "input" ? args[source.position] : null);
  const [entries, observed] = await Promise.all([
    Promise.all(sources.map(async (x) => [x, await sourceData(given(x) ?? x, backend)] as const)),
    executable.observe(args),
  ]);
  return { roots, sources: new Map(entries), observed };
}
