import { det, inner, inverse, trace, type Tensor } from "cotangent";

import type { Rules } from "./rule.ts";

/** Scalar functions of x whose gradients and Hessians have closed forms. */
export const lecture: Rules = {
  bilinear: ({ x, a, b }) => a.matmul(x).matmul(b),
  det_axb: ({ x, A, B }) => det(A.matmul(x).matmul(B)),
  frobenius: ({ x }) => x.norm(),
  gram_det: ({ x }) => det(x.matmul(x, { transposeA: true })),
  least_squares: ({ x, A, b }) => A.matmul(x).sub(b).square().sum(),
  logistic_nll: ({ x, D, s }) => D.matmul(x).mul(s).neg().softplus().sum(),
  norm: ({ x }) => x.norm(),
  norm_cubed: ({ x }) => x.square().sum().pow(1.5),
  quad_form: ({ x, A }) => quadratic(x, A),
  quad_product: ({ x, A, B }) => quadratic(x, A).mul(quadratic(x, B)),
  rank1_quartic: ({ x, A }) => A.sub(x.expandDims(1).mul(x)).square().sum(),
  rosenbrock: ({ x }) => {
    const [head, tail] = [x.slice([0], [-1]), x.slice([1])];
    const valley = tail.sub(head.square()).square().mul(100);
    return valley.add(head.neg().add(1).square()).sum();
  },
  softmax_ce: ({ x }, _, { note }) => {
    const label = Number(/\d+/.exec(note)?.[0]);
    return x
      .logSoftmax()
      .slice([label], [label + 1])
      .squeeze()
      .neg();
  },
  trace_inv: ({ x, A }) => trace(A.matmul(inverse(x))),
  trace_xtax: ({ x, A }) => inner(x, A.matmul(x)),
  vec_norm_axb4: ({ x, a }) => a.mul(x).sum().pow(4).mul(x.square().sum().neg().exp()),
  x1x2sinx3: ({ x }) => x1x2sinx3(x).at(-1)!,
};

/** x′Ax. */
const quadratic = (x: Tensor, A: Tensor): Tensor => x.matmul(A).matmul(x);

/** (x₁ x₂ sin x₃ + exp(x₁ x₂))/x₃, all its steps from the inputs on. */
export function x1x2sinx3(x: Tensor): Tensor[] {
  const [x1, x2, x3] = [0, 1, 2].map((i) => x.slice([i], [i + 1]).squeeze());
  const product = x1.mul(x2);
  const sine = x3.sin();
  const first = product.mul(sine);
  const power = product.exp();
  const sum = first.add(power);
  return [x1, x2, x3, product, sine, first, power, sum, sum.div(x3)];
}
