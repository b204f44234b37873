import { hostArray, isFloat, isInteger, rowOf, sizeInBytes } from "../base/dtype.ts";
import { DeviceError } from "../base/errors.ts";
import { sizeOf, stridesOf } from "../base/shape.ts";
import { constantOf, placeholder } from "../graph/build.ts";
import { outlineOf } from "../graph/outline.ts";
import { rulesOf } from "../graph/rules.ts";
import { describe, topologicalOrder } from "../graph/tensor.ts";
import { amount } from "./explain.ts";

/**
 * What late.ts and all behind it shares with programs. In the source that is imported; the build makes one file of late.ts
 * that imports nothing, and is given this when it has been loaded (scripts/late-plugin.ts).
 */
export const lent = {
  amount,
  constantOf,
  describe,
  DeviceError,
  hostArray,
  isFloat,
  isInteger,
  outlineOf,
  placeholder,
  rowOf,
  rulesOf,
  sizeInBytes,
  sizeOf,
  stridesOf,
  topologicalOrder,
};
