import { checkDtype } from "../base/dtype.ts";
import { checkShape } from "../base/shape.ts";
import { checkTensor, type Tensor } from "../graph/tensor.ts";
import { cast } from "./cast.ts";
import { equal } from "./compare.ts";
import { checkIndices, checkRange } from "./index-range.ts";
import { iota } from "./iota.ts";
import { expandDims } from "./movement.ts";

/**
 * 1 at each index along a new last axis of length `classes`, 0 elsewhere; zeros where an index is outside.
 * @param indices int32 or uint32, of any shape
 * @param classes the length of the new axis
 * @param dtype float32 by default
 * @returns [...the indices' shape, classes]
 * @throws DtypeError where the indices are no integers, or there is no such dtype
 * @throws ShapeError where the number of classes is none
 * @throws ValueError where an index that the host knows is negative or too large
 */
export function oneHot(
  indices: Tensor,
  classes: number,
  dtype: Tensor["dtype"] = "float32",
): Tensor {
  checkTensor("oneHot", indices);
  checkIndices("oneHot", indices);
  checkShape("oneHot", [classes]);
  checkDtype("oneHot", dtype);
  checkRange("oneHot", indices, classes);
  const places = iota([classes], indices.dtype === "uint32" ? "uint32" : "int32");
  return cast(equal(expandDims(indices, indices.rank), places), dtype);
}
