import type { Tensor } from "cotangent";

/** Something to run down on: a height over x and y, and the part of the plane that is looked at. */
export interface Surface {
  name: string;
  height(x: Tensor, y: Tensor): Tensor;
  /** The plane is seen from −reach to reach, 4 to 3, around this place. */
  middle: readonly [x: number, y: number];
  reach: number;
  /** How much a tilt of 1 adds to the height for each unit of x or y. */
  tilt: number;
  /** Where the runners begin, and how they run well. */
  start: readonly [x: number, y: number];
  rate: number;
}

export const surfaces = {
  bowl: {
    name: "Bowl",
    // (x² + 12y²)/2
    height: (x, y) => x.square().add(y.square().mul(12)).div(2),
    middle: [0, 0],
    reach: 4,
    tilt: 3,
    start: [-3.2, 1.6],
    rate: 0.03,
  },
  rosenbrock: {
    name: "Rosenbrock’s valley",
    // (1 − x)² + 100(y − x²)²
    height: (x, y) => x.sub(1).square().add(y.sub(x.square()).square().mul(100)),
    middle: [0, 0.75],
    reach: 2,
    tilt: 10,
    start: [-1.2, 1],
    rate: 0.001,
  },
  saddle: {
    name: "Saddle",
    // x² − y² + y⁴/4
    height: (x, y) => x.square().sub(y.square()).add(y.square().square().div(4)),
    middle: [0, 0],
    reach: 3.2,
    tilt: 1,
    start: [-2.6, 0.6],
    rate: 0.02,
  },
  himmelblau: {
    name: "Himmelblau’s four",
    // (x² + y − 11)² + (x + y² − 7)²
    height: (x, y) => x.square().add(y).sub(11).square().add(x.add(y.square()).sub(7).square()),
    middle: [0, 0],
    reach: 6,
    tilt: 40,
    start: [0, -4],
    rate: 0.003,
  },
} as const satisfies Record<string, Surface>;

export type SurfaceName = keyof typeof surfaces;

/** From which x and y to which one sees. */
export function viewOf({ middle: [x, y], reach }: Surface) {
  const down = (3 / 4) * reach;
  return { x: [x - reach, x + reach], y: [y - down, y + down] } as const;
}
