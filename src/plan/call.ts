import type { Application } from "../graph/application.ts";
import type { OpKernel } from "../graph/offered-kernel.ts";
import { Tensor } from "../graph/tensor.ts";

/** An op that is carried out by a kernel of its own. */
export interface Call {
  readonly application: Application;
  readonly kernel: OpKernel;
  /** What is bound for the inputs. */
  readonly operands: readonly Tensor[];
  readonly scratch: readonly Tensor[];
}

export const callOf = (
  application: Application,
  kernel: OpKernel,
  operands: readonly Tensor[],
): Call => ({
  application,
  kernel,
  operands,
  scratch: Object.values(kernel.scratch ?? {}).map((spec) => new Tensor(spec)),
});
