/** Points that the visitor painted, of kind 0 or 1. */
export type Painted = readonly { x: number; y: number; kind: 0 | 1 }[];

/** More would make a link that no program takes. */
export const mostPainted = 400;

/** The sheet that is painted on, in both directions. */
export const edge = 1.1;

const digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";

/** Places in each direction: with the kind, three digits for each point. */
const places = 256;

const toPlace = (x: number) =>
  Math.min(Math.max(Math.floor(((x + edge) / (2 * edge)) * places), 0), places - 1);
const fromPlace = (at: number) => ((at + 0.5) / places) * 2 * edge - edge;

/** A point as it comes back from a link. */
export const paintedAt = (x: number, y: number, kind: 0 | 1): Painted[number] => ({
  x: fromPlace(toPlace(x)),
  y: fromPlace(toPlace(y)),
  kind,
});

export const formatPainted = (painted: Painted): string =>
  painted
    .map(({ x, y, kind }) => {
      const code = (toPlace(x) * places + toPlace(y)) * 2 + kind;
      return digits[code >> 12] + digits[(code >> 6) & 63] + digits[code & 63];
    })
    .join("");

export function parsePainted(text: string): Painted | undefined {
  if (text.length % 3 !== 0 || text.length > 3 * mostPainted) return undefined;
  const values = Array.from(text, (digit) => digits.indexOf(digit));
  if (values.includes(-1)) return undefined;
  const painted: Painted[number][] = [];
  for (let i = 0; i < values.length; i += 3) {
    const code = (values[i] << 12) | (values[i + 1] << 6) | values[i + 2];
    const at = code >> 1;
    if (at >= places * places) return undefined;
    painted.push({
      x: fromPlace(Math.floor(at / places)),
      y: fromPlace(at % places),
      kind: code % 2 === 1 ? 1 : 0,
    });
  }
  return painted;
}
