import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { firstCount } from "../demo/mnist.ts";

/** Images of one part of the set: a label and 28 × 28 pixels each, one byte per number. */
interface Part {
  labels: number[];
  images: Uint8Array[];
}

const folder = join(import.meta.dirname, "../demo/public/mnist");
const pixels = 28 * 28;

// The package's entry point shuffles at random, so the files beside it are read.
const source = (digit: number) =>
  join(createRequire(import.meta.url).resolve("mnist"), `../digits/${digit}.json`);

/** The images of one digit. The package stores a pixel k / 255 to three decimals, so k is exact. */
async function readDigit(digit: number): Promise<Uint8Array[]> {
  const { data }: { data: number[] } = JSON.parse(await readFile(source(digit), "utf8"));
  const bytes = new Uint8Array(data.map((value) => Math.round(255 * value)));
  return Array.from({ length: bytes.length / pixels }, (_, i) =>
    bytes.subarray(i * pixels, (i + 1) * pixels),
  );
}

/** A fixed order that mixes the digits: Fisher–Yates with a linear congruential generator. */
function shuffled({ labels, images }: Part): Part {
  const order = Array.from(labels.keys());
  let state = 1;
  for (let i = order.length - 1; i > 0; i--) {
    // The multiplier and increment of Numerical Recipes (2nd edition, section 7.1).
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = Math.floor((state / 2 ** 32) * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return { labels: order.map((i) => labels[i]), images: order.map((i) => images[i]) };
}

async function write(name: string, { labels, images }: Part): Promise<void> {
  const bytes = await promisify(gzip)(Buffer.concat([Uint8Array.from(labels), ...images]));
  // Renamed into place, so that another process never sees half a file.
  const file = join(folder, name);
  await writeFile(`${file}.${process.pid}`, bytes);
  await rename(`${file}.${process.pid}`, file);
}

/**
 * Turns the images of the `mnist` package into demo/public/mnist/{first,rest,test}.bin, unless they are there: of each
 * digit the first four fifths train, in two files. A file is gzip of all labels, then all images.
 */
export const prepareMnist = (): Promise<void> => (prepared ??= prepare());

// Once in a process: two that write at a time would rename each other's files.
let prepared: Promise<void> | undefined;

async function prepare(): Promise<void> {
  const names = ["first.bin", "rest.bin", "test.bin"];
  if (names.every((name) => existsSync(join(folder, name)))) return;
  await mkdir(folder, { recursive: true });
  const halves = [0, 1].map((): Part => ({ labels: [], images: [] }));
  for (let digit = 0; digit < 10; digit++) {
    const images = await readDigit(digit);
    const half = Math.floor(0.8 * images.length);
    [images.slice(0, half), images.slice(half)].forEach((some, i) => {
      halves[i].images.push(...some);
      halves[i].labels.push(...some.map(() => digit));
    });
  }
  const [train, test] = halves.map(shuffled);
  const cut = (from: number, to?: number): Part => ({
    labels: train.labels.slice(from, to),
    images: train.images.slice(from, to),
  });
  const parts = [cut(0, firstCount), cut(firstCount), test];
  await Promise.all(names.map((name, i) => write(name, parts[i])));
}

/** Reads a file that `prepareMnist` makes, in Node: the argument of `loadMnist`. */
export async function readMnist(name: string): Promise<ArrayBuffer> {
  await prepareMnist();
  return Uint8Array.from(await readFile(join(folder, name))).buffer;
}
