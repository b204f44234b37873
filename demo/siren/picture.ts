/** A picture in shades of grey from −1, black, to 1, white, row by row from the top. */
export interface Grey {
  width: number;
  height: number;
  values: Float32Array;
}

/** In pixels. */
export type Size = Pick<Grey, "width" | "height">;

/** The size of a picture that is to be at most so long on its longer side, in whole pixels of which there is one at least. */
export function fitted({ width, height }: Size, longest: number): Size {
  const scale = Math.min(1, longest / Math.max(width, height));
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  return { width: side(width), height: side(height) };
}

/** Of red, green and blue from 0 to 255 with their opacity: laid on white, and each as light as it looks (Rec. 709). */
export function greyOf(rgba: ArrayLike<number>, { width, height }: Size): Grey {
  const values = Float32Array.from({ length: width * height }, (_, i) => {
    const [r, g, b, opacity] = [0, 1, 2, 3].map((c) => rgba[4 * i + c] / 255);
    const luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    return 2 * (opacity * luma + 1 - opacity) - 1;
  });
  return { width, height, values };
}

/** The share of each old pixel in each new one along a side, as [old pixel, share], shares of one adding up to 1. */
function shares(before: number, after: number): (readonly [pixel: number, share: number])[][] {
  return Array.from({ length: after }, (_, i) => {
    const [from, to] = [(i * before) / after, ((i + 1) * before) / after];
    const first = Math.floor(from);
    const count = Math.ceil(to - 1e-9) - first;
    return Array.from({ length: count }, (_, k) => {
      const covered = Math.min(to, first + k + 1) - Math.max(from, first + k);
      return [first + k, covered / (to - from)] as const;
    });
  });
}

/** A picture made smaller: each pixel is the mean of what it covers. */
export function reduced(grey: Grey, longest: number): Grey {
  const { width, height } = fitted(grey, longest);
  if (width === grey.width && height === grey.height) return grey;
  const [across, down] = [shares(grey.width, width), shares(grey.height, height)];
  const values = new Float32Array(width * height);
  down.forEach((rows, y) =>
    across.forEach((columns, x) => {
      let sum = 0;
      for (const [row, a] of rows)
        for (const [column, b] of columns) sum += a * b * grey.values[row * grey.width + column];
      values[y * width + x] = sum;
    }),
  );
  return { width, height, values };
}

/** The distance between pixels where the longer side of the picture goes from −1 to 1. */
export const spacing = ({ width, height }: Size): number => 2 / Math.max(width, height);

/** The length of a picture's gradient and its Laplacian, from the differences of neighbouring pixels. */
export function differences({ width, height, values }: Grey) {
  const h = spacing({ width, height });
  const gradient = new Float32Array(values.length);
  const laplacian = new Float32Array(values.length);
  const inside = (i: number, length: number) => Math.min(Math.max(i, 0), length - 1);
  // Beyond its edge the picture goes on as it is there.
  const at = (x: number, y: number) => values[inside(y, height) * width + inside(x, width)];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [left, right, up, down] = [at(x - 1, y), at(x + 1, y), at(x, y - 1), at(x, y + 1)];
      gradient[y * width + x] = Math.hypot(right - left, down - up) / (2 * h);
      laplacian[y * width + x] = (left + right + up + down - 4 * at(x, y)) / (h * h);
    }
  return { gradient, laplacian };
}

/** A number to show numbers up to: nearly all are smaller, and the largest is not much larger. */
export function mostOf(values: Float32Array): number {
  const sorted = values.map(Math.abs).sort();
  const last = sorted.length - 1;
  return Math.max(sorted[Math.floor(0.98 * last)], sorted[last] / 4, 1e-3);
}

/**
 * The peak signal-to-noise ratio of shades from −1 to 1 for their mean squared error, in decibels: 100 where the error
 * is so small that no screen could show it.
 */
export const decibels = (error: number): number => Math.min(100, 10 * Math.log10(4 / error));
