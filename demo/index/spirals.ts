import { data, tensor } from "cotangent";

/** Where points and their noise come from, from 0 to 1: the same at every visit. */
export function* numbers(state = 1): Generator<number, never> {
  for (;;) {
    // The multiplier and increment of Numerical Recipes (2nd edition, section 7.1).
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

/** Points on two spirals within ±1, alternately, each as x, y and which of the two it lies on. */
export function spiralPoints(count: number, noise: number): Float32Array<ArrayBuffer> {
  const draw = numbers();
  const uniform = () => draw.next().value;
  const points = new Float32Array(3 * count);
  for (let i = 0; i < count; i++) {
    const label = i % 2;
    const radius = 0.9 * Math.sqrt(0.02 + 0.98 * uniform());
    // Two turns.
    const angle = 4.5 * Math.PI * radius + label * Math.PI;
    const spread = () => noise * (uniform() + uniform() + uniform() - 1.5);
    points[3 * i] = radius * Math.cos(angle) + spread();
    points[3 * i + 1] = radius * Math.sin(angle) + spread();
    points[3 * i + 2] = label;
  }
  return points;
}

/** The same as a data set: x [count, 2], y [count, 1]. */
export function spirals(count: number, noise: number) {
  const points = tensor(spiralPoints(count, noise), [count, 3]);
  return data.dataset({ x: points.slice([0, 0], [count, 2]), y: points.slice([0, 2], [count, 3]) });
}
