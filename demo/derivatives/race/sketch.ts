import { minus } from "../../site/minus.ts";
import type { Palette } from "../../site/palette.ts";
import { runners, type Race, type Runner } from "./result.ts";
import { viewOf, type Surface } from "./surfaces.ts";

type Place = readonly [x: number, y: number];

/** How a runner is drawn: no two have the same colour or the same mark. */
export const styles = {
  descent: { color: "ink", mark: "M-5 0A5 5 0 1 0 5 0A5 5 0 1 0 -5 0Z" },
  momentum: { color: "red", mark: "M-4.5 -4.5H4.5V4.5H-4.5Z" },
  newton: { color: "text", mark: "M0 -6L5.5 4.5H-5.5Z" },
} as const satisfies Record<Runner, { color: keyof Palette; mark: string }>;

/** Pixels between two marks of a track, at least. */
const apart = 12;

/** From places to CSS pixels of a map of this width, and back. */
export function scaleOf(surface: Surface, width: number) {
  const { x, y } = viewOf(surface);
  const unit = width / (x[1] - x[0]);
  return {
    to: ([a, b]: Place): Place => [(a - x[0]) * unit, (y[1] - b) * unit],
    from: ([left, top]: Place): Place => [x[0] + left / unit, y[1] - top / unit],
    unit,
  };
}

const pathOf = (outline: string) => new Path2D(outline);

interface Sketch {
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;
  /** In CSS pixels. */
  width: number;
  height: number;
  pixelRatio: number;
  palette: Palette;
  font: string;
}

/** Draws axes, where all began, and the tracks up to a step. */
export function sketch(
  { context, width, height, pixelRatio, palette, font }: Sketch,
  surface: Surface,
  start: Place,
  race: Race | null,
  steps: number,
): void {
  const { to } = scaleOf(surface, width);
  context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
  context.clearRect(0, 0, width, height);
  Object.assign(context, { font, lineJoin: "round" });
  axes(context, surface, width, height, palette);
  for (const runner of runners) {
    if (!race) continue;
    const { color, mark } = styles[runner];
    const points = passed(race[runner].places, steps).map(to);
    Object.assign(context, {
      strokeStyle: palette[color],
      fillStyle: palette[color],
      lineWidth: 2,
    });
    context.beginPath();
    for (const [x, y] of points) context.lineTo(x, y);
    context.stroke();
    let [lastX, lastY] = points[0];
    const shape = pathOf(mark);
    points.forEach(([x, y], i) => {
      const isLast = i === points.length - 1;
      if (!isLast && Math.hypot(x - lastX, y - lastY) < apart) return;
      [lastX, lastY] = [x, y];
      context.save();
      context.translate(x, y);
      const size = isLast ? 1.5 : 0.6;
      context.scale(size, size);
      context.fill(shape);
      if (isLast) {
        context.strokeStyle = palette.card;
        context.lineWidth = 1;
        context.stroke(shape);
      }
      context.restore();
    });
  }
  const [x, y] = to(start);
  Object.assign(context, { strokeStyle: palette.text, fillStyle: palette.card, lineWidth: 2.5 });
  context.beginPath();
  context.arc(x, y, 9, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
  write(context, palette, "start", x + 14, y - 8);
}

/** The places up to a step, but none where numbers end. */
function passed(places: Float64Array, steps: number): Place[] {
  const found: Place[] = [];
  for (let i = 0; i <= steps; i++) {
    const place: Place = [places[2 * i], places[2 * i + 1]];
    if (!place.every((v) => Math.abs(v) < 1e4)) break;
    found.push(place);
  }
  return found;
}

function write(
  context: Sketch["context"],
  palette: Palette,
  text: string,
  x: number,
  y: number,
): void {
  context.lineWidth = 4;
  context.strokeStyle = palette.card;
  context.fillStyle = palette.text;
  context.strokeText(text, x, y);
  context.fillText(text, x, y);
}

function axes(
  context: Sketch["context"],
  surface: Surface,
  width: number,
  height: number,
  palette: Palette,
): void {
  const { to } = scaleOf(surface, width);
  const { x, y } = viewOf(surface);
  const whole = ([from, most]: readonly [number, number]) =>
    Array.from({ length: 25 }, (_, i) => i - 12).filter((n) => n > from && n < most);
  const shown = (n: number) => minus(String(n));
  context.textAlign = "center";
  for (const n of whole(x)) write(context, palette, shown(n), to([n, 0])[0], height - 6);
  write(context, palette, "x", width - 8, height - 6);
  context.textAlign = "left";
  for (const n of whole(y)) {
    const at = to([0, n])[1];
    if (at > 24 && at < height - 24) write(context, palette, shown(n), 5, at + 4);
  }
  write(context, palette, "y", 5, 14);
}
