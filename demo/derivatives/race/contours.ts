import { clip, compile, grad, type Tensor } from "cotangent";
import type { Surface } from "./surfaces.ts";

/** Lines from the lowest place to the highest. */
const levels = 26;

/** Contours thinner than this, in places of the grid, would be dotted. */
const width = 1.1;

/**
 * Contour lines of a surface on a grid, [rows, columns], from 0 to 1 where there is one. Lines are drawn at equal
 * distances of g = log(1 + (f − min)/s), since heights span magnitudes, and are equally thick wherever g is steep: what
 * counts is the distance to the next whole number over the slope of g, which is its gradient.
 */
export function contours(
  surface: Surface,
  { x: [left, right], y: [bottom, top] }: Readonly<Record<"x" | "y", readonly [number, number]>>,
  [rows, columns]: readonly [number, number],
) {
  return compile((xs: Tensor, ys: Tensor, tiltX: Tensor, tiltY: Tensor) => {
    const height = (x: Tensor, y: Tensor) =>
      surface.height(x, y).add(x.mul(tiltX)).add(y.mul(tiltY));
    const f = height(xs, ys);
    const [low, mean] = [f.min(), f.mean()];
    const scale = mean.sub(low).mul(0.1);
    const spread = f.max().sub(low).div(scale).log1p();
    const level = (x: Tensor, y: Tensor) =>
      height(x, y).sub(low).div(scale).log1p().div(spread).mul(levels);
    const [alongX, alongY] = grad((x: Tensor, y: Tensor) => level(x, y).sum(), {
      argnums: [0, 1],
    })(xs, ys);
    const slope = alongX
      .mul((right - left) / columns)
      .square()
      .add(alongY.mul((top - bottom) / rows).square())
      .sqrt();
    const g = level(xs, ys);
    const away = g.sub(g.round()).abs().div(slope.add(1e-6));
    return clip(away.neg().add(width / 2 + 0.5), 0, 1);
  });
}
