import type { MapOp } from "../graph/op.ts";
import { where } from "./compare.ts";

/** `where`, but worth storing: for what steps make that read all of the step before, several times. */
export const chooseOp: MapOp = {
  ...where.op,
  name: "choose",
  expensive: true,
  derivative: { kind: "none" },
};
