/** Digits of MNIST: `images` holds 28 × 28 numbers from 0 to 1 for each of `labels`. */
export interface Digits {
  images: Float32Array<ArrayBuffer>;
  labels: Int32Array<ArrayBuffer>;
}

/** Numbers in an image. */
export const pixels = 28 * 28;

// The set stores k / 255 to three decimals; a table gives the very numbers.
const intensity = Float32Array.from({ length: 256 }, (_, k) => Math.round((k / 255) * 1000) / 1000);

/** Digits to train with, and how many of them come first in a file of their own. */
export const trainCount = 7996;
export const firstCount = 1000;

/** The digits in a file that scripts/mnist.ts makes: gzip of all labels, then all images, in bytes. */
async function decode(file: ArrayBuffer): Promise<Digits> {
  const stream = new Blob([file]).stream().pipeThrough(new DecompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const count = bytes.length / (1 + pixels);
  return {
    images: Float32Array.from(bytes.subarray(count), (k) => intensity[k]),
    labels: Int32Array.from(bytes.subarray(0, count)),
  };
}

/** Fetches a file of the page's folder mnist/ by its name. */
export type ReadFile = (name: string) => Promise<ArrayBuffer>;

/** From beside the page with this address. */
export const readFrom =
  (base: string): ReadFile =>
  async (name) => {
    const response = await fetch(new URL(`mnist/${name}`, base));
    if (!response.ok) throw new Error(`${name}: the server answers ${response.status}`);
    return response.arrayBuffer();
  };

/** A part of the digits: those to train with come in two files, so that a page can begin with the first. */
export const loadDigits = async (
  read: ReadFile,
  part: "first" | "rest" | "test",
): Promise<Digits> => decode(await read(`${part}.bin`));

/** Digits and further ones behind them. */
export function joinDigits(a: Digits, b: Digits): Digits {
  const images = new Float32Array(a.images.length + b.images.length);
  const labels = new Int32Array(a.labels.length + b.labels.length);
  images.set(a.images);
  images.set(b.images, a.images.length);
  labels.set(a.labels);
  labels.set(b.labels, a.labels.length);
  return { images, labels };
}

/** The 10,000 digits of the demo. */
export async function loadMnist(read: ReadFile): Promise<{ train: Digits; test: Digits }> {
  const parts = ["first", "rest", "test"] as const;
  const [first, rest, test] = await Promise.all(parts.map((part) => loadDigits(read, part)));
  return { train: joinDigits(first, rest), test };
}

/** The digit with the largest of ten probabilities, for each image. */
export const mostLikely = (probabilities: Float32Array): number[] =>
  Array.from({ length: probabilities.length / 10 }, (_, i) => {
    const own = probabilities.subarray(10 * i, 10 * (i + 1));
    return own.indexOf(Math.max(...own));
  });

/** The share of images whose most likely digit is right. */
export const accuracyOf = (probabilities: Float32Array, labels: Int32Array): number =>
  mostLikely(probabilities).filter((digit, i) => digit === labels[i]).length / labels.length;
