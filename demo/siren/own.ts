import { fitted, greyOf, type Grey } from "./picture.ts";

/** Longer than the longest side that can be chosen, no picture is kept. */
const longest = 256;

/** Why a file is no picture, in words for whoever brought it. */
export class Refusal extends Error {}

/** What a browser made of a file, in shades of grey; a Refusal where it can make nothing of it. */
export async function readPicture(file: File): Promise<Grey> {
  let whole: ImageBitmap;
  try {
    whole = await createImageBitmap(file);
  } catch {
    throw new Refusal(
      `“${file.name}” is no picture that this browser can open. PNG, JPEG, WebP and GIF are some that it can, if they are not too large.`,
    );
  }
  const { width, height } = fitted(whole, longest);
  const small = await createImageBitmap(whole, {
    resizeWidth: width,
    resizeHeight: height,
    resizeQuality: "high",
  });
  whole.close();
  const context = new OffscreenCanvas(width, height).getContext("2d");
  if (!context) throw new Error("this browser has no 2D canvas");
  context.drawImage(small, 0, 0);
  small.close();
  return greyOf(context.getImageData(0, 0, width, height).data, { width, height });
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
