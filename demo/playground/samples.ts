import { numbers } from "../index/spirals.ts";
import type { Painted } from "./painted.ts";

/** What a set of points is drawn with. */
interface Draw {
  /** From 0 to 1. */
  uniform: () => number;
  /** Around 0, with a standard deviation of 1/2. */
  bell: () => number;
}

type Point = [x: number, y: number, target: number];

/** A point of a set, with its noise; i is its number. */
type Sampler = (draw: Draw, noise: number, i: number) => Point;

/** Around the origin, off by the noise. */
const polar = (
  radius: number,
  angle: number,
  target: number,
  { bell }: Draw,
  noise: number,
): Point => [
  radius * Math.cos(angle) + noise * bell(),
  radius * Math.sin(angle) + noise * bell(),
  target,
];

/** Hills up and down, as where they stand and whether they are up. */
const hills = [
  [-0.6, 0.45, 1],
  [0, 0.45, -1],
  [0.6, 0.45, 1],
  [-0.6, -0.45, -1],
  [0, -0.45, 1],
  [0.6, -0.45, -1],
] as const;

/** Anywhere, with a target that is a function of where. */
const surface =
  (height: (x: number, y: number) => number): Sampler =>
  ({ uniform, bell }, noise) => {
    const [x, y] = [2 * uniform() - 1, 2 * uniform() - 1];
    return [x, y, Math.min(Math.max(height(x, y) + noise * bell(), -1), 1)];
  };

/** Each target is 0 or 1, or a number from −1 to 1 for sets whose points have a height. */
const samplers = {
  circle(draw, noise, i) {
    const radius = i % 2 === 1 ? 0.45 * Math.sqrt(draw.uniform()) : 0.62 + 0.32 * draw.uniform();
    return polar(radius, 2 * Math.PI * draw.uniform(), i % 2, draw, noise);
  },
  xor({ uniform, bell }, noise) {
    const side = () => (uniform() < 0.5 ? -1 : 1);
    const [x, y] = [side() * (0.05 + 0.9 * uniform()), side() * (0.05 + 0.9 * uniform())];
    return [x + noise * bell(), y + noise * bell(), Number(x * y > 0)];
  },
  gaussians({ bell }, noise, i) {
    const [at, wide] = [i % 2 === 1 ? 0.42 : -0.42, 0.3 + noise];
    return [at + wide * bell(), at + wide * bell(), i % 2];
  },
  spiral(draw, noise, i) {
    const radius = 0.95 * Math.sqrt(0.02 + 0.98 * draw.uniform());
    return polar(radius, 3.6 * Math.PI * radius + (i % 2) * Math.PI, i % 2, draw, noise);
  },
  moons(draw, noise, i) {
    const side = i % 2 === 1 ? 1 : -1;
    const [x, y] = polar(0.6, Math.PI * draw.uniform(), 0, draw, noise);
    return [side * (x - 0.3), side * (y - 0.15), i % 2];
  },
  plane: surface((x, y) => (x + y) / 2),
  hills: surface((x, y) =>
    hills.reduce((sum, [a, b, up]) => sum + up * Math.exp(-9 * ((x - a) ** 2 + (y - b) ** 2)), 0),
  ),
  own: null,
} satisfies Record<string, Sampler | null>;

export type SetName = keyof typeof samplers;

/** Whether the points of a set have a height instead of a kind. */
export const hasHeights = (name: SetName): boolean => name === "plane" || name === "hills";

export interface Sampling {
  data: SetName;
  count: number;
  noise: number;
  seed: number;
  /** The share of the points that the network is only tested with. */
  tested: number;
  painted: Painted;
}

/** Rows of x, y and target. */
export interface Samples {
  train: Float32Array<ArrayBuffer>;
  test: Float32Array<ArrayBuffer>;
}

/** The points of a set, and those that the visitor painted, in two parts. */
export function samples({ data, count, noise, seed, tested, painted }: Sampling): Samples {
  const sampler: Sampler | null = samplers[data];
  const source = numbers(seed);
  const uniform = () => source.next().value;
  const bell = () => uniform() + uniform() + uniform() - 1.5;
  const rows: Point[] = [];
  if (sampler) for (let i = 0; i < count; i++) rows.push(sampler({ uniform, bell }, noise, i));
  for (const { x, y, kind } of painted) rows.push([x, y, hasHeights(data) ? 2 * kind - 1 : kind]);
  const test: Point[] = [];
  const train: Point[] = [];
  // Pairs, since in many sets every other point is of the other kind.
  rows.forEach((row, i) => {
    const pair = i >> 1;
    const isTest = Math.floor((pair + 1) * tested) > Math.floor(pair * tested);
    (isTest ? test : train).push(row);
  });
  return { train: Float32Array.from(train.flat()), test: Float32Array.from(test.flat()) };
}
