import type { Grey } from "./picture.ts";

// The page's own picture is drawn by computation: two balls on a tiled floor, before a wall with a sine on it. Smooth
// shading, hard edges, stripes and a thin line are what a network finds easy and hard.

type Vector = readonly [x: number, y: number, z: number];

const dot = (a: Vector, b: Vector) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const along = (a: Vector, t: number, d: Vector): Vector => [
  a[0] + t * d[0],
  a[1] + t * d[1],
  a[2] + t * d[2],
];
const unit = (a: Vector): Vector => along([0, 0, 0], 1 / Math.sqrt(dot(a, a)), a);

interface Ball {
  centre: Vector;
  radius: number;
  /** How light it is where a normal points. */
  shade: (normal: Vector) => number;
}

const balls: readonly Ball[] = [
  { centre: [-0.55, 1, 1.15], radius: 1, shade: () => 0.78 },
  {
    centre: [0.82, 0.56, 0.1],
    radius: 0.56,
    shade: ([x, y]) => (Math.sin(11 * (0.8 * y + 0.6 * x)) > 0 ? 0.92 : 0.16),
  },
];

const eye: Vector = [0, 1.35, -4.2];
const light = unit([0.62, 0.95, -0.72]);
const ambient = 0.22;
const wall = 3.2;

/** How far it is to a ball along a ray; ∞ past it. */
function distanceTo({ centre, radius }: Ball, from: Vector, ray: Vector): number {
  const offset = along(from, -1, centre);
  const b = dot(offset, ray);
  const root = b * b - dot(offset, offset) + radius * radius;
  const t = root < 0 ? -1 : -b - Math.sqrt(root);
  return t > 1e-6 ? t : Infinity;
}

const isLit = (at: Vector) => balls.every((ball) => distanceTo(ball, at, light) === Infinity);

/** Light from the lamp, where the ground is `lightness` and faces `normal`. */
const lit = (lightness: number, normal: Vector, at: Vector) =>
  lightness * (ambient + (isLit(at) ? (1 - ambient) * Math.max(0, dot(normal, light)) : 0));

/** The light that comes to the eye along a ray. */
function seen(ray: Vector): number {
  const [near, t] = balls
    .map((ball) => [ball, distanceTo(ball, eye, ray)] as const)
    .reduce((a, b) => (b[1] < a[1] ? b : a));
  if (t < Infinity) {
    const at = along(eye, t, ray);
    const normal = along([0, 0, 0], 1 / near.radius, along(at, -1, near.centre));
    const mirrored = along(ray, -2 * dot(ray, normal), normal);
    const shine = 0.75 * Math.max(0, dot(mirrored, light)) ** 40;
    return lit(1.1 * near.shade(normal), normal, at) + shine;
  }
  const toFloor = -eye[1] / ray[1];
  const toWall = (wall - eye[2]) / ray[2];
  if (ray[1] < 0 && toFloor < toWall) {
    const at = along(eye, toFloor, ray);
    const isDark = (Math.floor(at[0] * 1.25 + 0.5) + Math.floor(at[2] * 1.25)) % 2 !== 0;
    return lit(isDark ? 0.42 : 1.05, [0, 1, 0], at);
  }
  const [x, y] = along(eye, toWall, ray);
  const height = 3.35 + 0.42 * Math.sin(2.6 * x);
  // Across the line and not straight up, so that it is equally thick where it is steep.
  const slope = 0.42 * 2.6 * Math.cos(2.6 * x);
  const away = Math.abs(y - height) / Math.hypot(1, slope);
  return away < 0.075 ? 0.1 : 0.5 + 0.1 * y;
}

/** Rays through each pixel, in each direction: edges come out smooth. */
const rays = 3;

/** The scene in side × side pixels. */
export function scene(side: number): Grey {
  const values = new Float32Array(side * side);
  const place = (i: number, ray: number) => (2 * (i + (ray + 0.5) / rays)) / side - 1;
  for (let i = 0; i < values.length; i++) {
    let sum = 0;
    for (let k = 0; k < rays * rays; k++) {
      const x = place(i % side, k % rays);
      const y = place(Math.floor(i / side), Math.floor(k / rays));
      sum += Math.min(1, seen(unit([0.42 * x, 0.02 - 0.42 * y, 1])));
    }
    values[i] = (2 * sum) / rays ** 2 - 1;
  }
  return { width: side, height: side, values };
}
