import { CpuBackend } from "../../src/backends/cpu/cpu-backend.ts";
import { setCurrentBackend } from "../../src/graph/backend.ts";
import type { Target } from "../../src/graph/offered-kernel.ts";
import type { Program } from "../../src/graph/program.ts";
import { compile, type Tensor } from "../../src/index.ts";
import { planProgram, type KernelPlan, type Limits } from "../../src/plan/plan.ts";

/** A device of no particular kind, with nothing on it. */
export const LIMITS: Limits = {
  bindings: 8,
  bindingBytes: 2 ** 27,
  epilogueCopies: () => 4,
  packedPlace: () => null,
};

/** What ops' kernels are fitted to on such a device; long rows are short here. */
export const softwareTarget = (bindings: number): Target => ({
  bindings,
  workgroupMemory: 16_384,
  workgroupSize: 256,
  software: true,
  longRows: { rows: 8, shortest: 5, blocks: 12, shortestBlock: 2 },
});

/** The reference as a device that keeps the program that it is given last. */
class Catcher extends CpuBackend {
  program: Program | null = null;

  override prepare(program: Program) {
    this.program = program;
    return super.prepare(program);
  }
}

const backend = new Catcher("float64");

type Fn = (...xs: Tensor[]) => unknown;

/** Makes the device that programs are caught on the default one of a file of tests. */
export const catchPrograms = (): void => setCurrentBackend(backend);

/** The program that a function is compiled to. */
export function programOf(f: Fn, ...xs: Tensor[]): Program {
  compile(f).plan(...xs);
  return backend.program!;
}

/** The plan of a function. */
export const planOf = (f: Fn, xs: readonly Tensor[], limits: Partial<Limits> = {}): KernelPlan =>
  planProgram(programOf(f, ...xs), { ...LIMITS, ...limits });
