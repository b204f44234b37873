/** An image of MNIST is 28 × 28; the digit in it fits a box of 20 × 20. */
export const side = 28;
const box = 20;

/** Ink, from 0 to 1, in row-major order. */
export interface Ink {
  width: number;
  height: number;
  pixels: Float32Array;
}

/** The first and last index that holds anything, or undefined where all is empty. */
function extent(sums: Float64Array): { first: number; last: number } | undefined {
  // A tenth of a pixel of ink: less is the faint rim of a stroke.
  const first = sums.findIndex((sum) => sum > 0.1);
  return first < 0 ? undefined : { first, last: sums.findLastIndex((sum) => sum > 0.1) };
}

/** Σᵢ (i + ½) sᵢ / Σᵢ sᵢ: where the centre of mass lies along an axis. */
function centre(sums: Float64Array): number {
  let mass = 0;
  let moment = 0;
  sums.forEach((sum, i) => {
    mass += sum;
    moment += (i + 0.5) * sum;
  });
  return moment / mass;
}

/** How much of source cell i lies in each of the 28 cells of width `step` from `start` on. */
function* overlaps(start: number, step: number, count: number) {
  for (let cell = 0; cell < side; cell++) {
    const from = start + cell * step;
    const to = from + step;
    const end = Math.min(count, Math.ceil(to));
    for (let i = Math.max(0, Math.floor(from)); i < end; i++) {
      yield { cell, i, share: (Math.min(to, i + 1) - Math.max(from, i)) / step };
    }
  }
}

/**
 * A drawing in the form that MNIST's digits have: its bounding box scaled to 20 × 20, the centre of
 * mass in the middle of 28 × 28, each pixel the mean of the ink it covers. All zero if there is none.
 */
export function normalise({ width, height, pixels }: Ink): Float32Array<ArrayBuffer> {
  const image = new Float32Array(side * side);
  const columns = new Float64Array(width);
  const rows = new Float64Array(height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      columns[x] += pixels[y * width + x];
      rows[y] += pixels[y * width + x];
    }
  }
  const [across, down] = [extent(columns), extent(rows)];
  if (!across || !down) return image;
  const size = Math.max(across.last - across.first, down.last - down.first) + 1;
  const step = size / box;

  const narrow = new Float64Array(height * side);
  for (const { cell, i, share } of overlaps(centre(columns) - (side / 2) * step, step, width)) {
    for (let y = 0; y < height; y++) narrow[y * side + cell] += share * pixels[y * width + i];
  }
  for (const { cell, i, share } of overlaps(centre(rows) - (side / 2) * step, step, height)) {
    for (let x = 0; x < side; x++) image[cell * side + x] += share * narrow[i * side + x];
  }
  return image;
}
