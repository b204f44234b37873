import { cholesky, det, inverse, logDet, solve, trace } from "cotangent";
import type { Rules } from "./rule.ts";

/** Square matrices, and what is made of them. */
export const linalg: Rules = {
  cholesky: ({ x }) => cholesky(x),
  det: ({ x }) => det(x),
  inv: ({ x }) => inverse(x),
  logdet: ({ x }) => logDet(x)[1],
  solve: ({ a, b }) => solve(a, b),
  trace: ({ a, b }) => trace(a.matmul(b)),
};
