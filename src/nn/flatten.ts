import { ShapeError } from "../base/errors.ts";
import { sizeOf } from "../base/shape.ts";
import { reshape } from "../ops/movement.ts";
import { activation } from "./activation-layers.ts";

/**
 * All axes but the first made one: [N, C, H, W] → [N, C·H·W].
 * @returns a layer without parameters
 * @throws ShapeError in forward, where x is a scalar
 */
export const flatten = activation((x) => {
  if (x.rank === 0) throw new ShapeError("flatten: a scalar has no axis to keep; reshape it");
  return reshape(x, [x.shape[0], sizeOf(x.shape.slice(1))]);
});
