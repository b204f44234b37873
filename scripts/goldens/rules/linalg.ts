import { gather, gradients, stack, pad, tensor, trace, type Tensor } from "cotangent";
import type { Rules } from "./rule.ts";

/** Small square matrices. */
export const linalg: Rules = {
  cholesky: ({ x }) => cholesky(x.add(transposed(x)).div(2)),
  det: ({ x }) => det(x),
  inv: ({ x }) => inverse(x),
  logdet: ({ x }) => det(x).abs().log(),
  solve: ({ a, b }) => inverse(a).matmul(b),
  trace: ({ a, b }) => trace(a.matmul(b)),
};

/** Laplace's expansion along the first row, of all matrices of a stack [..., n, n] at once. */
export function det(x: Tensor): Tensor {
  const n = x.shape.at(-1)!;
  const lead = x.rank - 2;
  if (n === 1) return x.squeeze([lead, lead + 1]);
  const zeros = x.shape.slice(0, lead).map(() => 0);
  const top = x.slice([...zeros, 0], [...x.shape.slice(0, lead), 1]).squeeze(lead);
  const rest = x.slice([...zeros, 1]);
  // Minor j has all columns but j.
  const columns = Array.from({ length: n }, (_, j) =>
    Array.from({ length: n - 1 }, (__, k) => (k < j ? k : k + 1)),
  );
  const signs = tensor(columns.map((_, j) => (j % 2 === 0 ? 1 : -1)));
  const order = [...zeros.keys(), lead + 1, lead, lead + 2];
  const minors = gather(rest, tensor(columns, { dtype: "int32" }), -1).transpose(order);
  return top.mul(signs).mul(det(minors)).sum(-1);
}

/** The gradient of the determinant is its product with the inverse, transposed. */
export function inverse(x: Tensor): Tensor {
  const d = det(x);
  const [cofactors] = gradients(d.sum(), [x]);
  return transposed(cofactors).div(d.reshape([...d.shape, 1, 1]));
}

/** Each matrix of a stack transposed. */
function transposed(x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  return x.transpose([...axes.slice(0, -2), x.rank - 1, x.rank - 2]);
}

/** Column by column: each step takes the product of a column with itself away from what is left. */
function cholesky(x: Tensor): Tensor {
  const n = x.shape.at(-1)!;
  const lead = x.shape.slice(0, -2);
  const zeros = lead.map(() => 0);
  const columns: Tensor[] = [];
  for (let j = 0, rest = x; j < n; j++) {
    const corner = rest.slice([...zeros, 0, 0], [...lead, 1, 1]);
    const column = rest.slice([...zeros, 0, 0], [...lead, n - j, 1]).div(corner.sqrt());
    columns.push(pad(column.squeeze(-1), [...lead.map((): [number, number] => [0, 0]), [j, 0]]));
    const below = column.slice([...zeros, 1]);
    rest = rest.slice([...zeros, 1, 1]).sub(below.matmul(below, { transposeB: true }));
  }
  return stack(columns, -1);
}
