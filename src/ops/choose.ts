import type { Attrs } from "../graph/op.ts";
import { where } from "./compare.ts";
import { elementwise } from "./elementwise.ts";

const { infer, scalar } = where.op;

/** `where`, but worth storing: for what steps make that read all of the step before, several times. */
export const chooseOp = elementwise<[number, number, number], Attrs>({
  name: "choose",
  takes: "compare",
  real: (condition, a, b) => (condition ? a : b),
  complex: () => (condition, a, b) => (condition.re ? a : b),
  scalar,
  expensive: true,
  infer,
});
