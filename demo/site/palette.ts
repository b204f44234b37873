/**
 * The colours of the style sheet that canvases are drawn with. A line that means something is of edge, text, faded, ink,
 * pencil or red, which are told from all that lies behind; wash and blush are for areas, rule for the squares of an axis.
 */
export const colorNames = [
  "paper",
  "square",
  "card",
  "rule",
  "edge",
  "text",
  "faded",
  "ink",
  "pencil",
  "wash",
  "red",
  "blush",
] as const;

export type ColorName = (typeof colorNames)[number];

/** Each colour as it is computed. */
export type Palette = Record<ColorName, string>;

/** Red, green and blue, from 0 to 1, of rgb(…) and, as mixed colours are computed, color(srgb …). */
export function channels(color: string): [r: number, g: number, b: number] {
  const most = color.startsWith("color(") ? 1 : 255;
  const [r = 0, g = 0, b = 0] = (color.match(/[\d.]+/g) ?? []).map((text) => Number(text) / most);
  return [r, g, b];
}
