import { einsum, outer } from "cotangent";
import type { Rules } from "./rule.ts";

/** Products of matrices, of stacks of them, and of vectors. */
export const matmul: Rules = {
  bmm: ({ a, b }) => a.matmul(b),
  einsum: (inputs, { equation }: { equation: string }) =>
    einsum(equation, ...Object.values(inputs)),
  gemm: ({ a, b, c }, { alpha, beta }: { alpha: number; beta: number }) =>
    a.matmul(b).mul(alpha).add(c.mul(beta)),
  linear: ({ x, w, b }) => {
    const y = x.matmul(w, { transposeB: true });
    return b ? y.add(b) : y;
  },
  matmul: ({ a, b }) => a.matmul(b),
  matmul2d: ({ a, b }) => a.matmul(b),
  matmul_broadcast: ({ a, b }) => a.matmul(b),
  matmul_mid: ({ a, b }) => a.matmul(b),
  matmul_transposed: ({ a, b }, { transA, transB }: { transA: boolean; transB: boolean }) =>
    a.matmul(b, { transposeA: transA, transposeB: transB }),
  outer: ({ a, b }) => outer(a, b),
};
