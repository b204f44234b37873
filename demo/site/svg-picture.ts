/** A copy of a drawing as an image of this size; `variables` are those of the style sheet that it is drawn with. */
export async function svgPicture(
  copy: SVGSVGElement,
  width: number,
  height: number,
  variables: Readonly<Record<string, string>>,
): Promise<HTMLImageElement> {
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  copy.style.cssText = Object.entries(variables)
    .map(([name, value]) => `--${name}:${value}`)
    .join(";");
  const image = new Image();
  const text = new XMLSerializer().serializeToString(copy);
  image.src = `data:image/svg+xml,${encodeURIComponent(text)}`;
  await image.decode();
  return image;
}
