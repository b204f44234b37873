import { channels } from "../site/palette.ts";

/** Paints numbers from 0 to 1 as ink of a colour on nothing. */
export function paintInk(
  canvas: HTMLCanvasElement | OffscreenCanvas,
  pixels: Float32Array,
  color: string,
): void {
  const image = new ImageData(canvas.width, canvas.height);
  const rgb = channels(color).map((c) => 255 * c);
  pixels.forEach((value, i) => image.data.set([...rgb, 255 * value], 4 * i));
  const context = canvas.getContext("2d") as CanvasRenderingContext2D | null;
  context?.putImageData(image, 0, 0);
}
