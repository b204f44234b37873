import { concat, layerNorm, zeros, type Tensor } from "cotangent";
import type { Rules } from "./rule.ts";

interface Epsilon {
  eps: number;
}

interface BatchNorm extends Epsilon {
  training: boolean;
  momentum: number;
}

/** Normalisations, with scale w and shift b where a case has them. */
export const norm: Rules = {
  batch_norm: ({ x, w, b, rm, rv }, { training, momentum, eps }: BatchNorm) => {
    if (!training) {
      const centred = x.sub(byChannel(rm, x)).mul(byChannel(rv.add(eps).rsqrt(), x));
      return scaled(centred, w, b);
    }
    const axes = x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
    return {
      y: scaled(layerNorm(x, axes, { epsilon: eps }), w, b),
      running_mean: rm.lerp(x.mean(axes), momentum),
      running_var: rv.lerp(x.variance(axes, { correction: 1 }), momentum),
    };
  },
  group_norm: ({ x, w, b }, { groups, eps }: Epsilon & { groups: number }) => {
    const apart = x.reshape([x.shape[0], groups, -1]);
    return scaled(layerNorm(apart, -1, { epsilon: eps }).reshape(x.shape), w, b);
  },
  instance_norm: ({ x, w, b }, { eps }: Epsilon) => {
    const axes = x.shape.map((_, axis) => axis).slice(2);
    return scaled(layerNorm(x, axes, { epsilon: eps }), w, b);
  },
  l2_normalize: ({ x }, { axis, eps }: Epsilon & { axis: number }) =>
    x.div(x.norm(axis, { keepDims: true }).maximum(eps)),
  layer_norm: (
    { x, w, b },
    { normalized_ndim = 1, eps }: Epsilon & { normalized_ndim?: number },
  ) => {
    const axes = x.shape.map((_, axis) => axis).slice(x.rank - normalized_ndim);
    const y = layerNorm(x, axes, { epsilon: eps });
    return w ? y.mul(w).add(b) : y;
  },
  lrn: ({ x }, attrs: { size: number; alpha: number; beta: number; k: number }) => {
    const { size, alpha, beta, k } = attrs;
    const before = Math.floor(size / 2);
    const fill = (n: number) => zeros(x.shape.map((m, axis) => (axis === 1 ? n : m)));
    const squares = concat([fill(before), x.square(), fill(size - 1 - before)], 1);
    const windows = Array.from({ length: size }, (_, i) =>
      squares.slice([0, i], [x.shape[0], i + x.shape[1]]),
    );
    const sum = windows.reduce((a, b) => a.add(b));
    return x.div(
      sum
        .mul(alpha / size)
        .add(k)
        .pow(beta),
    );
  },
  rms_norm: ({ x, w }, { eps }: Epsilon) => {
    const y = x.mul(x.square().mean(-1, { keepDims: true }).add(eps).rsqrt());
    return w ? y.mul(w) : y;
  },
};

/** One number for each channel, axis 1 of x, shaped to broadcast. */
const byChannel = (v: Tensor, x: Tensor): Tensor =>
  v.reshape([-1, ...x.shape.slice(2).map(() => 1)]);

function scaled(y: Tensor, w?: Tensor, b?: Tensor): Tensor {
  const grown = w ? y.mul(byChannel(w, y)) : y;
  return b ? grown.add(byChannel(b, y)) : grown;
}
