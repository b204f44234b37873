import type { Effect, Program } from "../graph/program.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Variable } from "../graph/variable.ts";
import type { Grouped } from "./fuse.ts";
import type { Lowered } from "./lower.ts";
import type { Stored } from "./materialize.ts";
import type { Part } from "./nest.ts";
import type { Packed, PackedBuffer, PackLimits } from "./pack.ts";
import type { KernelPlan } from "./plan.ts";

/** What each pass is given and makes, in their order. */
export interface Passes {
  lower: { program: Program; lowered: Lowered };
  materialize: { roots: readonly Tensor[]; chosen: Stored };
  fuse: { roots: readonly Tensor[]; chosen: Stored; grouped: Grouped };
  nest: {
    chosen: Stored;
    grouped: Grouped;
    written: ReadonlySet<Tensor>;
    parts: readonly Part[];
  };
  /** From here on parts stand in an order in which they can run. */
  schedule: {
    effects: readonly Effect[];
    parts: readonly Part[];
    inPlace: ReadonlyMap<Tensor, Variable>;
  };
  pack: {
    /** As they were before. */
    parts: readonly Part[];
    inPlace: ReadonlyMap<Tensor, Variable>;
    packed: Packed;
    sorted: readonly Part[];
    limits: PackLimits;
  };
  merge: {
    parts: readonly Part[];
    inPlace: ReadonlyMap<Tensor, Variable>;
    buffers: ReadonlyMap<Tensor, PackedBuffer>;
    steps: readonly (readonly Part[])[];
    bindings: number;
  };
  memory: { program: Program; plan: KernelPlan };
}

/** Looks at what a pass has made. */
export type Watcher = <P extends keyof Passes>(pass: P, made: Passes[P]) => void;

let watcher: Watcher | null = null;

/** Has every pass of every plan looked at, until another watcher takes the place of this one; returns the one before. */
export function watchPasses(next: Watcher | null): Watcher | null {
  const previous = watcher;
  watcher = next;
  return previous;
}

/** Shows what a pass has made to whoever watches: nobody but in development and tests. */
export const made: Watcher = (pass, result) => watcher?.(pass, result);
