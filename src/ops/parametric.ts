import { checkNumber } from "../base/check-number.ts";
import { apply, withOp, type TensorLike } from "../graph/build.ts";
import type { Attrs } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { elementwise, type Elementwise } from "./elementwise.ts";
import { numberAs, operandsOf } from "./operands.ts";

/** A user's function of one tensor and of constants, which `attrsOf` turns into attributes, with its record. */
/* @__NO_SIDE_EFFECTS__ */
export function parametric<P extends unknown[], A extends Attrs>(
  rule: Elementwise<[number], A>,
  attrsOf: (...constants: P) => A,
) {
  const op = elementwise(rule);
  return withOp(
    /**
     * @param x float32 of any shape, or a number
     * @returns of the shape of x, float32
     * @throws DtypeError where x has another dtype
     */
    (x: TensorLike, ...constants: P): Tensor => {
      const inputs = operandsOf(op.name, [x]);
      const attrs = attrsOf(...constants);
      for (const c of constants) {
        if (c !== undefined && typeof c !== "object") numberAs(op.name, c as number, "float32");
      }
      // Options are taken apart; an object that is an attribute stands for a number, as a tensor would.
      for (const a of Object.values(attrs as Record<string, unknown>)) {
        if (typeof a !== "object") continue;
        checkNumber(`${op.name}: its constant`, a, "a number", () => true);
      }
      return apply(op, inputs, attrs);
    },
    op,
  );
}
