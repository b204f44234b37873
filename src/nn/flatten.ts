import { sizeOf } from "../base/shape.ts";
import { reshape } from "../ops/movement.ts";
import { activation } from "./activations.ts";

/** All axes but the first made one: [N, C, H, W] → [N, C·H·W]. */
export const flatten = activation((x) => reshape(x, [x.shape[0], sizeOf(x.shape.slice(1))]));
