import type { InspectedNode } from "cotangent/check";

/** Whether a program has a part in an operation that a later one completes. */
export const isPartOf = ({ dispatch, dispatches }: InspectedNode, program: number): boolean =>
  typeof dispatch === "number" && program < dispatch && dispatches.includes(program);
