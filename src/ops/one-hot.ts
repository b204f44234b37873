import { checkShape } from "../base/shape.ts";
import { checkTensor, type Tensor } from "../graph/tensor.ts";
import { cast } from "./cast.ts";
import { equal } from "./compare.ts";
import { checkIndices, checkRange } from "./index-range.ts";
import { iota } from "./iota.ts";
import { expandDims } from "./movement.ts";

/** 1 at each index along a new last axis of length `classes`, 0 elsewhere; zeros where an index is outside. */
export function oneHot(
  indices: Tensor,
  classes: number,
  dtype: Tensor["dtype"] = "float32",
): Tensor {
  checkTensor("oneHot", indices);
  checkIndices("oneHot", indices);
  checkShape("oneHot", [classes]);
  checkRange("oneHot", indices, classes);
  const places = iota([classes], indices.dtype === "uint32" ? "uint32" : "int32");
  return cast(equal(expandDims(indices, indices.rank), places), dtype);
}
