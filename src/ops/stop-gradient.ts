import { apply, withOp } from "../graph/build.ts";
import type { Attrs } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { elementwise } from "./elementwise.ts";

const op = elementwise<[number], Attrs>({
  name: "stopGradient",
  takes: "compare",
  real: (x) => x,
  scalar: ([x]) => x,
  infer: ([{ shape, dtype }]) => ({ shape, dtype }),
  partials: () => [0],
});

/**
 * x, of any dtype, as a constant to differentiation: its derivative is 0, of every order and in both modes. (PyTorch's
 * detach.)
 * @param x any dtype and shape
 * @returns the same values, of which no derivative passes
 */
export const stopGradient = withOp((x: Tensor): Tensor => apply(op, [x], {}), op);
