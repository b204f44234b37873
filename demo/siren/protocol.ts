import type { Size } from "./picture.ts";

/** What the page is told at a look: how near both networks have come to the picture, in decibels, and how large all is. */
export interface Seen extends Size {
  sine: number;
  relu: number;
  /** Units in a layer, and pixels in a step. */
  units: number;
  batch: number;
  /** The longest gradient and the largest Laplacian that are told from larger ones in a view. */
  most: { gradient: number; laplacian: number };
}
