import type { Tensor } from "cotangent";
import type { Rules } from "./rule.ts";

/** Products of matrices, of stacks of them, and of vectors. */
export const matmul: Rules = {
  bmm: ({ a, b }) => a.matmul(b),
  einsum: (inputs, { equation }: { equation: string }) => einsum(equation, Object.values(inputs)),
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
  outer: ({ a, b }) => a.expandDims(1).mul(b),
};

/** Einstein's sums of one or two tensors, each with distinct letters, by transpose, matmul and sum. */
export function einsum(equation: string, operands: readonly Tensor[]): Tensor {
  const [left, out] = equation.replaceAll(" ", "").split("->");
  const letters = left.split(",").map((part) => part.split(""));
  if (operands.length === 1) return reduceTo(operands[0], letters[0], out.split(""));
  const [a, b] = operands;
  const [la, lb] = letters;
  const batch = la.filter((l) => lb.includes(l) && out.includes(l));
  const summed = la.filter((l) => lb.includes(l) && !out.includes(l));
  const rows = la.filter((l) => !lb.includes(l) && out.includes(l));
  const columns = lb.filter((l) => !la.includes(l) && out.includes(l));
  const size = (l: string) => (la.includes(l) ? a.shape[la.indexOf(l)] : b.shape[lb.indexOf(l)]);
  const product = (list: string[]) => list.reduce((n, l) => n * size(l), 1);
  const x = reduceTo(a, la, [...batch, ...rows, ...summed]);
  const y = reduceTo(b, lb, [...batch, ...summed, ...columns]);
  const lead = batch.map(size);
  const stacked = x
    .reshape([...lead, product(rows), product(summed)])
    .matmul(y.reshape([...lead, product(summed), product(columns)]))
    .reshape([...lead, ...rows.map(size), ...columns.map(size)]);
  return reduceTo(stacked, [...batch, ...rows, ...columns], out.split(""));
}

/** Sums away the axes whose letters are not in `to` and puts the others in its order. */
function reduceTo(x: Tensor, from: string[], to: string[]): Tensor {
  const gone = from.flatMap((l, axis) => (to.includes(l) ? [] : [axis]));
  const kept = from.filter((l) => to.includes(l));
  return (gone.length > 0 ? x.sum(gone) : x).transpose(to.map((l) => kept.indexOf(l)));
}
