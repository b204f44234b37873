import { compile, optim, random, tensor, variable, type Tensor, type Variable } from "cotangent";

/** Σⱼ wⱼσ(bⱼ + vⱼ·x), a network of one hidden layer. Cybenko 1989: such sums come as near to continuous functions as one likes. */
export class SumOfSigmoids {
  /** The directions vⱼ as columns, [d, n]. */
  readonly v: Variable;
  readonly b: Variable;
  readonly w: Variable;

  /** n sigmoids in R^d that rise at places spread over [−1, 1]^d. */
  constructor(d: number, n: number) {
    const directions = random.normal([d, n]).mul(3);
    const places = random.uniform([d, n], { min: -1, max: 1 });
    this.v = variable(directions);
    this.b = variable(directions.mul(places).sum(0).neg());
    this.w = variable(random.normal([n]).div(n));
  }

  /** At the points that are the rows of x, [m, d]: [m]. */
  at(x: Tensor): Tensor {
    return x.matmul(this.v).add(this.b).sigmoid().matmul(this.w);
  }
}

/** Brings a sum near f at the points that are the rows of x; the mean squared error at each step. */
export async function train(
  sum: SumOfSigmoids,
  f: (x: Tensor) => Tensor,
  x: Tensor,
  steps: number,
): Promise<ArrayLike<number>> {
  const learningRate = optim.cosine(0.1, { steps });
  const optimizer = optim.adam([sum.v, sum.b, sum.w], { learningRate, beta2: 0.99 });
  const step = compile((x: Tensor, y: Tensor) => {
    const loss = sum.at(x).sub(y).square().mean();
    optimizer.minimize(loss);
    return loss;
  });
  return step.repeat(steps)(x, f(x)).data();
}

/** The root of the mean squared error at other points. */
export const errorAt = async (
  sum: SumOfSigmoids,
  f: (x: Tensor) => Tensor,
  x: Tensor,
): Promise<number> => Math.sqrt(await sum.at(x).sub(f(x)).square().mean().item());

/** The points of a grid of k a side in [−1, 1]^d as rows: [k^d, d]. */
export const grid = (d: number, k: number): Tensor =>
  tensor(
    Array.from({ length: k ** d }, (_, i) =>
      Array.from({ length: d }, (_, axis) => (2 * (Math.floor(i / k ** axis) % k)) / (k - 1) - 1),
    ),
  );
