import { linspace, type Tensor } from "cotangent";

/** σ(k(x − a)), which for a steep k is [x ≥ a]. */
const atLeast = (x: Tensor, a: Tensor | number, steepness: number): Tensor =>
  x.sub(a).mul(steepness).sigmoid();

/** So steep that σ is 0 or 1 to float32 at the distance ½. */
const THRESHOLD = 100;

/**
 * [x ∈ [a, b]] as a network of two hidden layers: [[x ≥ a] − [x ≥ b] > ½], two steep sigmoids and a third that makes 0
 * or 1 of their difference. On an edge it is ½.
 */
export const indicator = (x: Tensor, a: Tensor, b: Tensor, steepness: number): Tensor =>
  atLeast(atLeast(x, a, steepness).sub(atLeast(x, b, steepness)), 0.5, THRESHOLD);

/** An interval, and into how many pieces of equal length it is cut. */
export interface Cut {
  low: number;
  high: number;
  pieces: number;
}

/**
 * f(x) ≈ Σ f(aᵢ)[x ∈ [aᵢ, bᵢ]] at the points x, of shape [m], for the pieces [aᵢ, bᵢ] of an interval. Off the edges
 * the error is at most max|f′| times the length of a piece.
 */
export function byPieces(f: (x: Tensor) => Tensor, x: Tensor, { low, high, pieces }: Cut): Tensor {
  const edges = linspace(low, high, pieces + 1);
  const [a, b] = [edges.slice([0], [-1]), edges.slice([1])];
  // A sigmoid rises within a thousandth of a piece.
  const steepness = (1e4 * pieces) / (high - low);
  return indicator(x.expandDims(1), a, b, steepness).matmul(f(a));
}

/** The largest |f − Σ f(aᵢ)[x ∈ [aᵢ, bᵢ]]| at so many points inside of the interval. */
export async function errorByPieces(
  f: (x: Tensor) => Tensor,
  cut: Cut,
  points: number,
): Promise<number> {
  const margin = (cut.high - cut.low) / (2 * points);
  const x = linspace(cut.low + margin, cut.high - margin, points);
  return byPieces(f, x, cut).sub(f(x)).abs().max().item();
}
