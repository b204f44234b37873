import { colorNames, type Palette } from "./palette.ts";
import type { Look } from "./drawing.ts";

const black = Object.fromEntries(colorNames.map((name) => [name, "rgb(0, 0, 0)"])) as Palette;

/** The page's canvases, each as large as the page shows it. */
export class Canvases {
  look: Look = { palette: black, sizes: {}, pixelRatio: 1 };
  readonly #canvases = new Map<string, OffscreenCanvas>();

  attach(name: string, canvas: OffscreenCanvas): void {
    this.#canvases.set(name, canvas);
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

  async picture(name: string): Promise<Blob> {
    const canvas = this.#canvases.get(name);
    if (!canvas) throw new Error(`there is no canvas "${name}"`);
    return canvas.convertToBlob();
  }
}
