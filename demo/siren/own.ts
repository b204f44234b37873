import { fitted, greyOf, type Grey, type Size } from "./picture.ts";

/** Longer than the longest side that can be chosen, no picture is kept. */
const longest = 256;

/** Why a file is no picture, in words for whoever brought it. */
export class Refusal extends Error {}

/** A picture made of pixels, as it is. */
const pixelsIn = (file: File): Promise<CanvasImageSource & Size> => createImageBitmap(file);

/** A picture made of lines, which is as sharp at any size. */
async function linesIn(file: File): Promise<CanvasImageSource & Size> {
  const image = new Image();
  image.src = URL.createObjectURL(file);
  try {
    await image.decode();
  } finally {
    URL.revokeObjectURL(image.src);
  }
  const scale = longest / Math.max(image.naturalWidth, image.naturalHeight);
  image.width = image.naturalWidth * scale;
  image.height = image.naturalHeight * scale;
  return image;
}

/** A picture in this size; browsers make one small well only as a bitmap. */
async function drawnIn(whole: CanvasImageSource & Size, { width, height }: Size) {
  const context = new OffscreenCanvas(width, height).getContext("2d");
  if (!context) throw new Error("this browser has no 2D canvas");
  const isBitmap = whole instanceof ImageBitmap;
  const small = isBitmap
    ? await createImageBitmap(whole, {
        resizeWidth: width,
        resizeHeight: height,
        resizeQuality: "high",
      })
    : whole;
  context.drawImage(small, 0, 0, width, height);
  for (const each of [whole, small]) if (each instanceof ImageBitmap) each.close();
  return context.getImageData(0, 0, width, height).data;
}

/** What a browser made of a file, in shades of grey; a Refusal where it can make nothing of it. */
export async function readPicture(file: File): Promise<Grey> {
  if (file.size === 0) throw new Refusal(`There is nothing in “${file.name}”.`);
  try {
    const whole = await (file.type === "image/svg+xml" ? linesIn : pixelsIn)(file);
    const size = fitted(whole, longest);
    return greyOf(await drawnIn(whole, size), size);
  } catch {
    throw new Refusal(
      `“${file.name}” is no picture that this browser can open. PNG, JPEG, WebP, GIF and SVG are some that it can, if they are not too large.`,
    );
  }
}

/** The file among those that were dropped or pasted that is most likely a picture. */
export function pictureAmong(files: Iterable<File>): File | undefined {
  const all = [...files];
  return all.find(({ type }) => type.startsWith("image/")) ?? all[0];
}

/** Calls `take` with the file that is chosen, dropped anywhere or pasted; undefined where there is none in it. */
export function onPicture(input: HTMLInputElement, take: (file: File | undefined) => void): void {
  input.addEventListener("change", () => {
    const file = pictureAmong(input.files ?? []);
    // The same file may be chosen again.
    input.value = "";
    if (file) take(file);
  });
  const { classList } = document.body;
  const isEditing = (target: EventTarget | null) =>
    target instanceof HTMLElement && target.matches("input:is([type=number], [type=text])");
  addEventListener("paste", (event) => {
    if (!isEditing(event.target)) take(pictureAmong(event.clipboardData?.files ?? []));
  });
  addEventListener("dragover", (event) => {
    event.preventDefault();
    classList.toggle("dropping", event.dataTransfer?.types.includes("Files"));
  });
  addEventListener("dragleave", ({ relatedTarget }) => {
    if (!relatedTarget) classList.remove("dropping");
  });
  addEventListener("drop", (event) => {
    event.preventDefault();
    classList.remove("dropping");
    take(pictureAmong(event.dataTransfer?.files ?? []));
  });
}
