import type { Heat } from "./drawing.ts";
import { channels, type Palette } from "./palette.ts";

/** The colours of the lowest number, of that half-way and of the highest: red, green and blue from 0 to 1. */
export function heatColors(
  { low, middle, high }: Pick<Heat, "low" | "middle" | "high">,
  palette: Palette,
): readonly (readonly number[])[] {
  const [bottom, top] = [channels(palette[low]), channels(palette[high])];
  const between = middle ? channels(palette[middle]) : bottom.map((c, i) => (c + top[i]) / 2);
  return [bottom, between, top];
}
