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

/** Convolutions of one and two dimensions, and what needs no windows. */
export const conv: Rules = {
  conv1d: ({ x, w, b }, geometry: Geometry) => ct.conv1d(x, w, { bias: b, ...geometry }),
  conv2d,
  conv2d_mid: conv2d,
  global_avg_pool: ({ x }) => x.mean([2, 3], { keepDims: true }),
  pixel_shuffle: ({ x }, { factor }: { factor: number }) => {
    const [n, channels, height, width] = x.shape;
    const apart = x.reshape([n, channels / factor ** 2, factor, factor, height, width]);
    const side = apart.transpose([0, 1, 4, 2, 5, 3]);
    return side.reshape([n, channels / factor ** 2, height * factor, width * factor]);
  },
};
