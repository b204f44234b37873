import { Canvases } from "./canvases.ts";
import { heatColors } from "./heat-colors.ts";
import { channels } from "./palette.ts";
import type { Heat, Layer, Line, Links, Painter, Points } from "./drawing.ts";

type Context = OffscreenCanvasRenderingContext2D;

/** Draws what the reference computed, where there is no GPU. */
export class CanvasPainter extends Canvases implements Painter {
  async draw(name: string, layers: readonly Layer[]): Promise<void> {
    const values = await Promise.all(layers.map((layer) => layer.values.data<Float32Array>()));
    const canvas = this.get(name);
    const context = canvas?.getContext("2d");
    if (!canvas || !context) return;
    context.clearRect(0, 0, canvas.width, canvas.height);
    layers.forEach((layer, i) => {
      if (layer.kind === "heat") this.#heat(context, layer, values[i]);
      else if (layer.kind === "points") this.#points(context, layer, values[i]);
      else if (layer.kind === "links") this.#links(context, layer, values[i]);
      else this.#line(context, layer, values[i]);
    });
    this.drawn(name, canvas);
  }

  #heat(context: Context, heat: Heat, values: Float32Array): void {
    const { rows, columns, tiles = 1, across = 1, range, isLogit = false } = heat;
    const { first = 0, isDiscrete = false, gap = tiles > 1 ? 1 : 0 } = heat;
    const { palette, pixelRatio } = this.look;
    const [low, middle, high] = heatColors(heat, palette);
    const frame = heat.frame?.map((n) => n * pixelRatio);
    const [left, top, width, height] = frame ?? [0, 0, context.canvas.width, context.canvas.height];
    const [wide, tall] = [width / across, height / Math.ceil(tiles / across)];
    const [from, to] = (heat.clip ?? [0, 1]).map((share) => share * context.canvas.width);
    context.save();
    context.beginPath();
    context.rect(from, 0, to - from, context.canvas.height);
    context.clip();
    for (let tile = 0; tile < tiles; tile++) {
      const image = new ImageData(columns, rows);
      for (let i = 0; i < rows * columns; i++) {
        const value = values[(first + tile) * rows * columns + i];
        const shown = isLogit ? 1 / (1 + Math.exp(-value)) : value;
        const at = Math.min(Math.max((2 * (shown - range[0])) / (range[1] - range[0]) - 1, -1), 1);
        const end = at < 0 ? low : high;
        const depth = isDiscrete ? 1 : Math.abs(at);
        for (let c = 0; c < 3; c++)
          image.data[4 * i + c] = 255 * (middle[c] + depth * (end[c] - middle[c]));
        image.data[4 * i + 3] = 255;
      }
      const small = new OffscreenCanvas(columns, rows);
      small.getContext("2d")?.putImageData(image, 0, 0);
      context.imageSmoothingEnabled = heat.isSmooth === true;
      const [x, y] = [tile % across, Math.floor(tile / across)];
      const [right, down] = [left + x * wide, top + y * tall];
      context.drawImage(small, right, down, wide - gap * pixelRatio, tall - gap * pixelRatio);
    }
    context.restore();
  }

  #points(
    context: Context,
    { view, radius, colors, rim = "card" }: Points,
    values: Float32Array,
  ): void {
    const { palette, pixelRatio } = this.look;
    const { width, height } = context.canvas;
    const [zero, one] = colors.map((name) => channels(palette[name]));
    context.strokeStyle = palette[rim];
    context.lineWidth = pixelRatio;
    for (let i = 0; i < values.length; i += 3) {
      const x = ((values[i] - view.x[0]) / (view.x[1] - view.x[0])) * width;
      const y = (1 - (values[i + 1] - view.y[0]) / (view.y[1] - view.y[0])) * height;
      const mixed = zero.map((channel, c) => 255 * (channel + values[i + 2] * (one[c] - channel)));
      context.fillStyle = `rgb(${mixed.join(" ")})`;
      context.beginPath();
      context.arc(x, y, radius * pixelRatio, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    }
  }

  #links(context: Context, links: Links, values: Float32Array): void {
    const { palette, pixelRatio } = this.look;
    const { from, to, negative, positive, width } = links;
    values.forEach((value, i) => {
      const [a, b] = [from[Math.floor(i / to.length)], to[i % to.length]];
      const [x, y, right, down] = [...a, ...b].map((n) => n * pixelRatio);
      const half = (x + right) / 2;
      context.beginPath();
      context.moveTo(x, y);
      context.bezierCurveTo(half, y, half, down, right, down);
      const thick = Math.min(Math.abs(value) * width, 7) * pixelRatio;
      context.strokeStyle = palette[value < 0 ? negative : positive];
      context.lineWidth = Math.max(thick, 1);
      context.globalAlpha = 0.75 * Math.min(1, thick + 0.08);
      context.stroke();
    });
    context.globalAlpha = 1;
  }

  #line(context: Context, line: Line, values: Float32Array): void {
    const { palette, pixelRatio } = this.look;
    const { width, height } = context.canvas;
    const [bottom, top] = line.range;
    const count = line.values.shape.at(-1) ?? 0;
    context.beginPath();
    values.forEach((value, i) => {
      const x = ((i % count) / (count - 1)) * width;
      const y = (1 - (value - bottom) / (top - bottom)) * height;
      if (i % count === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    });
    Object.assign(context, { lineJoin: "round", lineWidth: line.width * pixelRatio });
    context.strokeStyle = palette[line.color];
    context.stroke();
  }
}
