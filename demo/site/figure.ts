import { copyLink } from "./copy-link.ts";
import { failureWords } from "./failure.ts";
import { notify } from "./notices.ts";
import { palette } from "./theme.ts";

interface FigureOptions {
  /** The name of the file. */
  name: string;
  reset: () => void;
  /** What the figure shows, as a picture. */
  picture: () => Promise<CanvasImageSource & { width: number; height: number }>;
  /** What the picture says below, in a line or two. */
  words: () => readonly string[];
  /** Where on the page it is, unless the page's link says what it shows. */
  anchor?: string;
}

const linkOf = ({ anchor }: FigureOptions) =>
  anchor === undefined ? location.href : new URL(`#${anchor}`, location.href).href;

/** Pixels between two pictures. */
const gap = 16;

/** Canvases that the worker draws on beside each other. */
export async function sideBySide(
  run: { picture(name: string): Promise<Blob> },
  names: readonly string[],
): Promise<OffscreenCanvas> {
  const images = [];
  // One after the other: each is drawn anew for its picture.
  for (const name of names) images.push(await createImageBitmap(await run.picture(name)));
  const width = images.reduce((sum, image) => sum + image.width + gap, -gap);
  const made = new OffscreenCanvas(width, Math.max(...images.map(({ height }) => height)));
  let x = 0;
  for (const image of images) {
    made.getContext("2d")?.drawImage(image, x, 0);
    x += image.width + gap;
  }
  return made;
}

/** Canvases of one width below each other. */
export function stacked(canvases: Iterable<HTMLCanvasElement>): OffscreenCanvas {
  const all = [...canvases];
  const made = new OffscreenCanvas(
    Math.max(...all.map(({ width }) => width)),
    all.reduce((sum, { height }) => sum + height + gap, 0),
  );
  let y = 0;
  for (const each of all) {
    made.getContext("2d")?.drawImage(each, 0, y);
    y += each.height + gap;
  }
  return made;
}

const margin = 24;
const lineHeight = 26;

/** The figure with its words and the page's address, on paper. */
async function composed(options: FigureOptions): Promise<Blob> {
  const image = await options.picture();
  const { paper, text, faded } = palette.value;
  const lines = [...options.words(), linkOf(options).replace(/^https?:\/\//, "")];
  const width = Math.max(image.width, 480) + 2 * margin;
  const canvas = new OffscreenCanvas(width, image.height + 2 * margin + lines.length * lineHeight);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser has no 2D canvas");
  context.fillStyle = paper;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, (width - image.width) / 2, margin);
  context.font = `16px ${getComputedStyle(document.body).fontFamily}`;
  lines.forEach((line, i) => {
    context.fillStyle = i < lines.length - 1 ? text : faded;
    context.fillText(
      line,
      margin,
      image.height + margin + (i + 1) * lineHeight,
      width - 2 * margin,
    );
  });
  return canvas.convertToBlob();
}

/** Binds the buttons of a figure: begin anew, copy the page's link, save as PNG. */
export function figure(element: HTMLElement, options: FigureOptions): void {
  const on = (action: string, act: () => Promise<void> | void) =>
    element.querySelector(`[data-action="${action}"]`)?.addEventListener("click", () => {
      Promise.resolve(act()).catch((error: unknown) => notify(failureWords(error)));
    });
  on("reset", options.reset);
  on("link", () => copyLink(linkOf(options)));
  on("picture", async () => {
    const url = URL.createObjectURL(await composed(options));
    const link = document.createElement("a");
    Object.assign(link, { href: url, download: `${options.name}.png` });
    link.click();
    URL.revokeObjectURL(url);
  });
}
