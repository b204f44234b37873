import type { Application } from "../graph/application.ts";
import type { Call, OpKernel } from "../graph/offered-kernel.ts";
import { Tensor } from "../graph/tensor.ts";

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
