import type { Tensor } from "cotangent";
import type { ColorName, Palette } from "./palette.ts";

/** Colours and sizes of the page, as canvases are drawn with. */
export interface Look {
  palette: Palette;
  /** Of each canvas, in device pixels. */
  sizes: Readonly<Record<string, readonly [width: number, height: number]>>;
  /** Device pixels of a CSS pixel. */
  pixelRatio: number;
}

/** An interval of each axis. */
export interface View {
  x: readonly [from: number, to: number];
  y: readonly [from: number, to: number];
}

/** Numbers on a grid as colours, [tiles, rows, columns], the first row at the top; tiles stand side by side. */
export interface Heat {
  kind: "heat";
  values: Tensor;
  rows: number;
  columns: number;
  /** How many grids, and how many of them in a row; 1. */
  tiles?: number;
  across?: number;
  /** The grid that is the first tile; 0. */
  first?: number;
  /** Between tiles, in CSS pixels; 1 where there are several. */
  gap?: number;
  /** Where the tiles are, in CSS pixels: left, top, width and height; all over the canvas if it is not said. */
  frame?: readonly [left: number, top: number, width: number, height: number];
  /** The part of the canvas that is drawn on, from left to right in shares of its width; all if it is not said. */
  clip?: readonly [from: number, to: number];
  /** The numbers with the colours `low` and `high`; half-way there is `middle`, or what lies between these two. */
  range: readonly [low: number, high: number];
  low: ColorName;
  middle?: ColorName;
  high: ColorName;
  /** Numbers are logits, to be shown as probabilities; `range` is then that of these. */
  isLogit?: boolean;
  /** Whether the colours flow into each other. */
  isSmooth?: boolean;
  /** How thick a line is where half-way is, in CSS pixels: where colours flow, 1 if it is not said. */
  line?: number;
  /** Whether there are but the colours `low` and `high`. */
  isDiscrete?: boolean;
}

/** A dot for each row of [n, 3]: x, y, and the colour, 0, 1 or in between. */
export interface Points {
  kind: "points";
  values: Tensor;
  view: View;
  /** In CSS pixels. */
  radius: number;
  colors: readonly [zero: ColorName, one: ColorName];
  /** "card" if it is not said. */
  rim?: ColorName;
}

/** A curve through numbers, [n], at equal distances over the whole width; or one for each row of [rows, n]. */
export interface Line {
  kind: "line";
  values: Tensor;
  /** The numbers at the bottom and at the top. */
  range: readonly [bottom: number, top: number];
  color: ColorName;
  /** In CSS pixels. */
  width: number;
}

/** Curves from places to places for the numbers [from, to], each as thick as its number is large. */
export interface Links {
  kind: "links";
  values: Tensor;
  /** In CSS pixels, at most 128 on either side. */
  from: readonly Spot[];
  to: readonly Spot[];
  negative: ColorName;
  positive: ColorName;
  /** Of the number 1, in CSS pixels. */
  width: number;
}

export type Spot = readonly [x: number, y: number];

export type Layer = Heat | Points | Line | Links;

/** Draws tensors on the page's canvases. */
export interface Painter {
  look: Look;
  attach(name: string, canvas: OffscreenCanvas): void;
  detach(): void;
  /** Draws layers, the first at the bottom; resolves when that is done. */
  draw(name: string, layers: readonly Layer[]): Promise<void>;
  /** What a canvas shows when it is drawn the next time, as PNG. */
  picture(name: string): Promise<Blob>;
}
