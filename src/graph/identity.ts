import { apply, withOp } from "./build.ts";
import type { MovementOp } from "./op.ts";
import type { Tensor } from "./tensor.ts";

const identityOp: MovementOp = {
  kind: "movement",
  name: "identity",
  infer: ([{ shape, dtype }]) => ({ shape, dtype }),
  derivative: { kind: "linear", transpose: (g) => [g] },
  cpu: ([x]) => x,
  source: (coords) => [{ input: 0, coords, bounds: [] }],
  axial: true,
};

/**
 * x as the result of an op that changes nothing. A variable's value is overwritten in place where no node refers to it,
 * so it gets one.
 */
export const unchanged = (x: Tensor): Tensor => (x.value.versionOf ? identity(x) : x.value);

/** A node of its own with the value of x: something that can be told apart from x. */
export const identity = withOp((x: Tensor): Tensor => apply(identityOp, [x], {}), identityOp);
