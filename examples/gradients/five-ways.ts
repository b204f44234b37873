import { compile, complexStepGrad, grad, jvp, numericGrad, tensor, type Tensor } from "cotangent";

type TensorFunction = (x: Tensor) => Tensor;

/** A function of a tensor, and its derivative as one derives it with pen and paper. */
export interface Worked {
  name: string;
  /** The result has the shape [], or [m] for m components. */
  f: TensorFunction;
  /** The gradient, of x's shape; those of m components one after the other. */
  byHand: TensorFunction;
  x: Tensor;
}

/** A derivative by one of the ways. */
export interface Way {
  way: "by hand" | "central differences" | "complex step" | "forward mode" | "reverse mode";
  derivative: Float64Array;
  /** The largest error against the formula, relative to its largest element. */
  error: number;
  /** How often a graph is evaluated. */
  passes: number;
  /** Additions, multiplications and functions of elements in all passes; for the complex step, of complex numbers. */
  operations: number;
}

/** The derivative in five ways, with what each costs and how far it is from the formula, on the float64 reference. */
export async function fiveWays({ f, byHand, x }: Worked): Promise<Way[]> {
  const [m] = f(x).shape;
  const scalars = m === undefined ? [f] : Array.from({ length: m }, (_, i) => component(f, i));
  const hand = await valuesOf(byHand(x));

  const way = async (
    name: Way["way"],
    passes: number,
    derive: (g: TensorFunction) => Promise<ArrayLike<number>>,
    evaluated: (g: TensorFunction) => TensorFunction,
  ): Promise<Way> => {
    const rows = await Promise.all(scalars.map(derive));
    const derivative = Float64Array.from(rows.flatMap((row) => Array.from(row)));
    const operations = passes * scalars.reduce((sum, g) => sum + operationsOf(evaluated(g), x), 0);
    const error = relativeError(derivative, hand);
    return { way: name, derivative, error, passes: passes * scalars.length, operations };
  };
  const itself = (g: TensorFunction) => g;
  const along = (g: TensorFunction, d: Tensor) => jvp(g, [x], [d])[1];
  const forward = async (g: TensorFunction) => {
    const parts = await Promise.all(unitsLike(x).map((e) => valuesOf(along(g, e))));
    return parts.map(([part]) => part);
  };
  const [e] = unitsLike(x);
  return [
    {
      way: "by hand",
      derivative: hand,
      error: 0,
      passes: 1,
      operations: operationsOf(byHand, x),
    },
    await way("central differences", 2 * x.size, (g) => numericGrad(g, x), itself),
    await way("complex step", x.size, (g) => complexStepGrad(g, x), itself),
    await way("forward mode", x.size, forward, (g) => (v) => jvp(g, [v], [e])[1]),
    await way(
      "reverse mode",
      1,
      (g) => valuesOf(grad(g)(x)),
      (g) => grad(g),
    ),
  ];
}

const component =
  (f: TensorFunction, i: number): TensorFunction =>
  (x) =>
    f(x)
      .slice([i], [i + 1])
      .squeeze();

const valuesOf = (x: Tensor) => x.data<Float64Array>({ dtype: "float64" });

/** The tensors of x's shape with a single 1. */
const unitsLike = ({ size, shape }: Tensor): Tensor[] =>
  Array.from({ length: size }, (_, i) => tensor(new Float64Array(size).fill(1, i, i + 1), shape));

const operationsOf = (f: TensorFunction, x: Tensor): number =>
  compile(f)
    .plan(x)
    .dispatches.reduce((sum, { flops }) => sum + flops, 0);

function relativeError(got: Float64Array, right: Float64Array): number {
  const largest = (values: Float64Array) => values.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  return largest(got.map((v, i) => v - right[i])) / largest(right);
}

/** The ways as a table. */
export function tableOf(ways: readonly Way[]): string {
  const rows = [
    ["", "error", "passes", "operations"],
    ...ways.map(({ way, error, passes, operations }) => [
      way,
      error.toExponential(1),
      String(passes),
      String(operations),
    ]),
  ];
  const widths = rows[0].map((_, c) => Math.max(...rows.map((row) => row[c].length)));
  const line = ([way, ...numbers]: string[]) =>
    [way.padEnd(widths[0]), ...numbers.map((v, c) => v.padStart(widths[c + 1]))].join("  ");
  return rows.map(line).join("\n");
}
