/** Places on [0, 1], at equal distances, at which a curve is known. */
export const knots = 65;

/** A number from −1 to 1 in two letters of this alphabet. */
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
const finest = alphabet.length ** 2 - 1;

/** Values from −1 to 1 at the knots. */
export type Curve = readonly number[];

const clamp = (y: number) => Math.min(Math.max(y, -1), 1);

const rounded = (y: number) => (Math.round(((clamp(y) + 1) / 2) * finest) / finest) * 2 - 1;

/** The curve of a function, in the steps that a link knows. */
export const curveOf = (f: (x: number) => number): Curve =>
  Array.from({ length: knots }, (_, i) => rounded(f(i / (knots - 1))));

/** As a link spells it. */
export const formatCurve = (curve: Curve): string =>
  curve
    .map((y) => {
      const step = Math.round(((y + 1) / 2) * finest);
      return alphabet[Math.floor(step / alphabet.length)] + alphabet[step % alphabet.length];
    })
    .join("");

/** The curve in a link; undefined where it is none. */
export function parseCurve(text: string): Curve | undefined {
  const places = Array.from(text, (letter) => alphabet.indexOf(letter));
  if (places.length !== 2 * knots || places.includes(-1)) return undefined;
  return Array.from({ length: knots }, (_, i) => {
    const step = places[2 * i] * alphabet.length + places[2 * i + 1];
    return (step / finest) * 2 - 1;
  });
}

/** Its value at x in [0, 1], straight between two knots. */
export function valueAt(curve: Curve, x: number): number {
  const at = Math.min(Math.max(x, 0), 1) * (knots - 1);
  const i = Math.min(Math.floor(at), knots - 2);
  return curve[i] + (at - i) * (curve[i + 1] - curve[i]);
}

/** The curve with a stroke of the pen over it, from one place to another. */
export function withStroke(
  curve: Curve,
  [x0, y0]: readonly [number, number],
  [x1, y1]: readonly [number, number],
): Curve {
  const [left, right] = [Math.min(x0, x1), Math.max(x0, x1)];
  // At least the nearest knot is moved.
  const reach = 0.5 / (knots - 1);
  return curve.map((y, i) => {
    const x = i / (knots - 1);
    if (x < left - reach || x > right + reach) return y;
    const share = x1 === x0 ? 1 : Math.min(Math.max((x - x0) / (x1 - x0), 0), 1);
    return rounded(y0 + share * (y1 - y0));
  });
}

/** Curves to begin with, or to choose by keyboard. */
export const examples = {
  hills: curveOf((x) => 0.5 * Math.sin(7 * x) + 0.35 * Math.sin(17 * x + 1)),
  wave: curveOf((x) => 0.8 * Math.sin(2 * Math.PI * x)),
  stairs: curveOf((x) => 0.5 * Math.floor(4 * Math.min(x, 0.99)) - 0.75),
  peak: curveOf((x) => 1.6 * Math.exp(-((12 * (x - 0.4)) ** 2)) - 0.7),
} as const;
