import type { LongRows } from "../../../graph/offered-kernel.ts";
import type { AdapterFacts } from "./matmul-families.ts";

/** What kernels are fitted to. */
export interface Tuning {
  adapter: AdapterFacts;
  /** Whether they are for the first runs, which wait for them: then they should compile soon rather than run fast. */
  quick: boolean;
  /** Threads that keep the device busy. */
  threads: number;
  /** Threads of the smallest workgroup worth having. */
  smallestWorkgroup: number;
  longRows: LongRows;
  /** Elements up to which a loop takes one at a time, and no vectors; a quarter of it where rows are folded. */
  singly: number;
  /** Whether the driver's compiler unrolls loops whose length it knows, for seconds: then lengths are hidden from it. */
  unrolls: boolean;
}
