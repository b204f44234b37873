import type { LoopVariable } from "../base/index-expr.ts";

/** Counts the rows of a nest of loops. */
export const ROW: LoopVariable = { name: "r" };
/** Counts the columns of a row. */
export const COLUMN: LoopVariable = { name: "c" };
/** Count the elements of a matrix product, whose epilogue is a nest without loops of its own. */
export const BATCH: LoopVariable = { name: "batch" };
export const PRODUCT_ROW: LoopVariable = { name: "row" };
export const PRODUCT_COLUMN: LoopVariable = { name: "col" };
/** Counts the terms of each of the product's sums. */
export const TERM: LoopVariable = { name: "k" };
