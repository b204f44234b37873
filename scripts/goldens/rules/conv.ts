import * as ct from "cotangent";
import type { Rule, Rules } from "./rule.ts";

/** Where the cases of convolutions in the goldens say how the kernel moves. */
interface Geometry {
  stride: number[];
  padding: number[];
  dilation: number[];
  groups: number;
}

const conv2d: Rule = ({ x, w, b }, geometry: Geometry) => ct.conv2d(x, w, { bias: b, ...geometry });

/** Convolutions of one and two dimensions. */
export const conv: Rules = {
  conv1d: ({ x, w, b }, geometry: Geometry) => ct.conv1d(x, w, { bias: b, ...geometry }),
  conv2d,
  conv2d_mid: conv2d,
};
