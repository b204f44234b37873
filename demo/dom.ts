/** The element with this id, which the page has and which is of this class. */
export function byId<E extends Element>(id: string, kind: new () => E): E {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`the page has no ${kind.name} #${id}`);
  return element;
}

/** A new element with some properties and children. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Calls `draw` at the next frame, once however often it was asked for. */
export function onFrame(draw: () => void): () => void {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  };
}

export const percent = (share: number, digits = 0): string => `${(100 * share).toFixed(digits)}%`;

/** Paints numbers from 0 to 1 as black ink on nothing; the style sheet inverts it in the dark. */
export function paintInk(canvas: HTMLCanvasElement | OffscreenCanvas, pixels: Float32Array): void {
  const image = new ImageData(canvas.width, canvas.height);
  pixels.forEach((value, i) => (image.data[4 * i + 3] = 255 * value));
  const context = canvas.getContext("2d") as CanvasRenderingContext2D | null;
  context?.putImageData(image, 0, 0);
}
