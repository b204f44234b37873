import { colorNames, type Palette } from "./palette.ts";
import type { Look } from "./drawing.ts";

const black = Object.fromEntries(colorNames.map((name) => [name, "rgb(0, 0, 0)"])) as Palette;

/** The page's canvases, each as large as the page shows it. */
export class Canvases {
  look: Look = { palette: black, sizes: {}, pixelRatio: 1 };
  readonly #canvases = new Map<string, OffscreenCanvas>();
  /** Who waits for a picture of which canvas. */
  readonly #wanted = new Map<string, ((blob: Promise<Blob>) => void)[]>();

  attach(name: string, canvas: OffscreenCanvas): void {
    this.#canvases.set(name, canvas);
  }

  /** Draws nothing until there are others. */
  detach(): void {
    this.#canvases.clear();
  }

  /** A canvas in the size that it is to have; undefined while it is nowhere to be seen. */
  get(name: string): OffscreenCanvas | undefined {
    const canvas = this.#canvases.get(name);
    const [width, height] = this.look.sizes[name] ?? [0, 0];
    if (!canvas || width === 0 || height === 0) return undefined;
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    return canvas;
  }

  /** What a canvas shows when it is drawn the next time, as PNG. */
  picture(name: string): Promise<Blob> {
    return new Promise((resolve) => {
      this.#wanted.set(name, [...(this.#wanted.get(name) ?? []), resolve]);
    });
  }

  /** To be called when a canvas has been drawn, in the same task: what a GPU has drawn there can be read no later. */
  protected drawn(name: string, canvas: OffscreenCanvas): void {
    const wanted = this.#wanted.get(name);
    if (!wanted) return;
    this.#wanted.delete(name);
    const blob = canvas.convertToBlob();
    for (const resolve of wanted) resolve(blob);
  }
}
