import { gradients } from "../../src/autodiff/gradients.ts";
import type { HostArray } from "../../src/base/dtype.ts";
import { constantOf, placeholder } from "../../src/graph/build.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import type { CaseOperand } from "../../src/check/cases.ts";
import { add, GradientError, jvp, mul, sum, vmap } from "../../src/index.ts";
import { dataOf, type Row } from "./rows.ts";

/** A row's value with its derivatives as graphs on placeholders. */
export interface Derived {
  row: Row;
  xs: Tensor[];
  y: Tensor;
  /** Gradients of Σ vᵢ yᵢ by each float operand that has one. */
  gradients: Tensor[];
  /** Gradients of the sum of these times random numbers. */
  second: Tensor[];
  /** The tangent of y along random directions of the operands that have a gradient; none where y has none. */
  tangents: Tensor[];
  /** y for each of several examples of all operands; none where it has no operands, or is not wanted. */
  batches: Tensor[];
  /** All placeholders, in order. */
  inputs: Tensor[];
  /** The values of all placeholders. */
  values: Map<Tensor, HostArray>;
}

/** Random numbers from −1 to 1 as a constant. */
const weights = (like: Tensor, seed: number) =>
  constantOf(dataOf({ shape: like.shape, dtype: "float32", low: -1, high: 1 }, seed), like);

const isFloat = (x: Tensor) => x.dtype === "float32";

const EXAMPLES = 3;

/** Builds them; with `first`, operand i is placeholder `first` + i of a program. */
export function derive(row: Row, seed: number, first = 0, isBatched = false): Derived {
  const { operands } = row;
  const xs = operands.map((operand, i) => placeholder(operand, first + i));
  const stacks: CaseOperand[] = isBatched
    ? operands.map((operand) => ({ ...operand, shape: [EXAMPLES, ...operand.shape] }))
    : [];
  const xss = stacks.map((operand, i) => placeholder(operand, first + operands.length + i));
  const inputs = [...xs, ...xss];
  const values = new Map<Tensor, HostArray>(
    [...operands, ...stacks].map((operand, i) => [inputs[i], dataOf(operand, 100 * seed + i)]),
  );
  const y = row.call(...xs);
  const gs = isFloat(y) ? gradientsOf(y, xs, weights(y, 100 * seed + 50)) : [];
  const terms = gs.map((g, i) => sum(mul(g, weights(g, 100 * seed + 60 + i))));
  const second =
    terms.length > 0
      ? gradientsOf(
          terms.reduce((a, b) => add(a, b)),
          xs,
        )
      : [];
  const tangents = gs.length > 0 ? [tangentOf(row, xs, 100 * seed + 70)] : [];
  const batches = xss.length > 0 ? [vmap(row.call)(...xss)] : [];
  return { row, xs, y, gradients: gs, second, tangents, batches, inputs, values };
}

function tangentOf({ call }: Row, xs: readonly Tensor[], seed: number): Tensor {
  return jvp(
    call,
    xs,
    xs.map((x, i) => (isFloat(x) ? weights(x, seed + i) : null)),
  )[1];
}

/** The gradients that there are; an operand that y depends on through ops without a derivative alone has none. */
function gradientsOf(y: Tensor, xs: readonly Tensor[], cotangent?: Tensor): Tensor[] {
  return xs.filter(isFloat).flatMap((x) => {
    try {
      return gradients(y, [x], cotangent);
    } catch (error) {
      if (error instanceof GradientError) return [];
      throw error;
    }
  });
}

/** What the sources of such graphs are. */
export const leafOf =
  (values: ReadonlyMap<Tensor, HostArray>) =>
  (x: Tensor): HostArray => {
    const { source } = x;
    if (source?.kind === "constant") return source.data;
    return values.get(x)!;
  };

/** What a row is called in messages. */
export const label = ({ row, y }: Derived) =>
  `${row.op} ${row.operands.map((o) => `${o.dtype}[${o.shape}]`).join(" ")} → [${y.shape}]`;
