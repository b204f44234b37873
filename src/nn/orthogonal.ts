import { ShapeError } from "../base/errors.ts";
import { normalFromBits, threefry } from "../base/threefry.ts";
import { show, sizeOf } from "../base/shape.ts";
import { tensor } from "../ops/create.ts";
import { freshSeed } from "../random/fresh-seed.ts";
import type { Initializer } from "./initializer.ts";

/**
 * A random matrix with orthonormal rows or columns, whichever are fewer, times `gain`; all axes but the first are taken as
 * one, so the filters of a convolution are orthogonal. Saxe, McClelland, Ganguli: "Exact solutions to the nonlinear dynamics
 * of learning", 2013. The Gram-Schmidt process on normal vectors makes each such matrix equally likely; it runs in float64
 * on the host.
 * @param gain a factor, 1 by default
 * @returns an initializer
 * @throws ShapeError when it is called for a shape of less than two axes
 */
export const orthogonal =
  (gain = 1): Initializer =>
  (shape) => {
    if (shape.length < 2) {
      throw new ShapeError(
        `orthogonal: ${show(shape)} is not a matrix; a weight has two axes or more`,
      );
    }
    const [rows] = shape;
    const columns = sizeOf(shape.slice(1));
    const wide = columns > rows;
    const vectors = orthonormal(Math.min(rows, columns), Math.max(rows, columns));
    const values = Float64Array.from({ length: rows * columns }, (_, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      return gain * (wide ? vectors[row][column] : vectors[column][row]);
    });
    return tensor(values, shape);
  };

/** Random orthonormal vectors. */
function orthonormal(count: number, length: number): Float64Array[] {
  const seed = freshSeed();
  const vectors: Float64Array[] = [];
  for (let k = 0; k < count; k++) {
    const v = Float64Array.from({ length }, (_, i) => normalFromBits(...threefry(seed, k, i, 0)));
    // What the first pass leaves by rounding, a second takes away. Giraud et al. 2005: "twice is enough".
    for (let pass = 0; pass < 2; pass++) {
      for (const u of vectors) {
        const along = u.reduce((sum, x, i) => sum + x * v[i], 0);
        u.forEach((x, i) => (v[i] -= along * x));
      }
    }
    const norm = Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
    vectors.push(v.map((x) => x / norm));
  }
  return vectors;
}
