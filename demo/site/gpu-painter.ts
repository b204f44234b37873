import type { Device } from "cotangent";
import { Canvases } from "./canvases.ts";
import heatWgsl from "./paint/heat.wgsl?raw";
import lineWgsl from "./paint/line.wgsl?raw";
import linksWgsl from "./paint/links.wgsl?raw";
import pointsWgsl from "./paint/points.wgsl?raw";
import { heatColors } from "./heat-colors.ts";
import { channels, type ColorName } from "./palette.ts";
import type { Heat, Layer, Line, Painter, Spot } from "./drawing.ts";

const shaders = { heat: heatWgsl, points: pointsWgsl, line: lineWgsl, links: linksWgsl };

/** Places on either side of links. */
const mostSpots = 128;

/** Corners of a curve: two at the beginning and at the end of each of 16 straight pieces. */
const linkCorners = 34;

/** Premultiplied, so that what is drawn later covers by its opacity. */
const over: GPUBlendComponent = { srcFactor: "one", dstFactor: "one-minus-src-alpha" };

/** Places as the shader has them, two beside each other. */
function spotsOf(from: readonly Spot[], to: readonly Spot[]): number[] {
  return Array.from({ length: mostSpots }, (_, i) => [from[i] ?? [0, 0], to[i] ?? [0, 0]]).flat(2);
}

/** Of all rows. */
function strokesOf({ values }: Line): number {
  const count = values.shape.at(-1) ?? 0;
  return (values.size / count) * (count - 1);
}

/** What lives on one GPUDevice. */
class Studio {
  readonly gpu: GPUDevice;
  readonly #format = navigator.gpu.getPreferredCanvasFormat();
  readonly #pipelines = new Map<Layer["kind"], GPURenderPipeline>();
  readonly #uniforms = new Map<string, GPUBuffer>();
  readonly #contexts = new Map<OffscreenCanvas, GPUCanvasContext>();

  constructor(gpu: GPUDevice) {
    this.gpu = gpu;
  }

  context(canvas: OffscreenCanvas): GPUCanvasContext | null {
    const known = this.#contexts.get(canvas);
    if (known) return known;
    const context = canvas.getContext("webgpu");
    if (!context) return null;
    context.configure({ device: this.gpu, format: this.#format, alphaMode: "premultiplied" });
    this.#contexts.set(canvas, context);
    return context;
  }

  pipeline(kind: Layer["kind"]): GPURenderPipeline {
    const known = this.#pipelines.get(kind);
    if (known) return known;
    const module = this.gpu.createShaderModule({ code: shaders[kind], label: kind });
    const made = this.gpu.createRenderPipeline({
      layout: "auto",
      label: kind,
      vertex: { module },
      fragment: {
        module,
        targets: [{ format: this.#format, blend: { color: over, alpha: over } }],
      },
      primitive: { topology: kind === "heat" ? "triangle-list" : "triangle-strip" },
    });
    this.#pipelines.set(kind, made);
    return made;
  }

  /** The place of a layer's uniforms, with these in it. */
  uniforms(name: string, values: readonly number[]): GPUBuffer {
    const data = new Float32Array(Math.ceil(values.length / 4) * 4);
    data.set(values);
    const known = this.#uniforms.get(name);
    const buffer =
      known?.size === data.byteLength
        ? known
        : this.gpu.createBuffer({
            size: data.byteLength,
            usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
          });
    this.#uniforms.set(name, buffer);
    this.gpu.queue.writeBuffer(buffer, 0, data);
    return buffer;
  }
}

/** Draws tensors from where they lie in GPU memory: nothing is read back. */
export class GpuPainter extends Canvases implements Painter {
  readonly #device: Device;
  #studio: Studio | null = null;

  constructor(device: Device) {
    super();
    this.#device = device;
  }

  /** On the device that is there now: a lost one is replaced by another, on which all has to be made anew. */
  get #current(): Studio {
    const { gpu } = this.#device;
    if (!gpu) throw new Error("this device is no GPU");
    if (this.#studio?.gpu !== gpu) this.#studio = new Studio(gpu);
    return this.#studio;
  }

  async draw(name: string, layers: readonly Layer[]): Promise<void> {
    const studio = this.#current;
    const { gpu } = studio;
    const ranges = await Promise.all(layers.map(({ values }) => values.gpuBuffer()));
    // Where the device was lost meanwhile, these may be buffers of another; all is painted again on the next one.
    if (gpu !== this.#device.gpu) return;
    const canvas = this.get(name);
    const context = canvas && studio.context(canvas);
    if (!context) return;
    const encoder = gpu.createCommandEncoder();
    const pass = encoder.beginRenderPass({
      colorAttachments: [
        {
          view: context.getCurrentTexture().createView(),
          loadOp: "clear",
          clearValue: [0, 0, 0, 0],
          storeOp: "store",
        },
      ],
    });
    layers.forEach((layer, i) => {
      const pipeline = studio.pipeline(layer.kind);
      const size = [canvas.width, canvas.height] as const;
      pass.setPipeline(pipeline);
      pass.setBindGroup(
        0,
        gpu.createBindGroup({
          layout: pipeline.getBindGroupLayout(0),
          entries: [
            {
              binding: 0,
              resource: { buffer: studio.uniforms(`${name} ${i}`, this.#uniforms(layer, size)) },
            },
            { binding: 1, resource: ranges[i] },
          ],
        }),
      );
      if (layer.kind === "heat") {
        pass.setScissorRect(...this.#scissorOf(layer, size));
        pass.draw(3);
        pass.setScissorRect(0, 0, size[0], size[1]);
      } else if (layer.kind === "points") pass.draw(4, layer.values.shape[0]);
      else if (layer.kind === "links") pass.draw(linkCorners, layer.values.size);
      else pass.draw(4, strokesOf(layer));
    });
    pass.end();
    gpu.queue.submit([encoder.finish()]);
    this.drawn(name, canvas);
    // It rejects where the GPU's process is gone, maybe before the device is known to be lost.
    await gpu.queue.onSubmittedWorkDone().catch(() => {});
  }

  /** Where a heat map's tiles are, in pixels. */
  #frameOf({ frame }: Heat, [width, height]: readonly number[]): readonly number[] {
    return frame?.map((n) => n * this.look.pixelRatio) ?? [0, 0, width, height];
  }

  /** The pixels that a heat map may change: those of its frame which are not clipped away. */
  #scissorOf(
    layer: Heat,
    size: readonly [number, number],
  ): readonly [number, number, number, number] {
    const frame = this.#frameOf(layer, size);
    const clip = (layer.clip ?? [0, 1]).map((share) => Math.round(share * size[0]));
    const within = (n: number, end: number) => Math.min(Math.max(n, 0), end);
    const left = within(Math.max(Math.floor(frame[0]), clip[0]), size[0]);
    const top = within(Math.floor(frame[1]), size[1]);
    const right = within(Math.min(Math.ceil(frame[0] + frame[2]), clip[1]), size[0]);
    const bottom = within(Math.ceil(frame[1] + frame[3]), size[1]);
    return [left, top, Math.max(right - left, 0), Math.max(bottom - top, 0)];
  }

  #uniforms(layer: Layer, size: readonly number[]): readonly number[] {
    const { palette, pixelRatio } = this.look;
    const color = (name: ColorName) => [...channels(palette[name]), 1];
    switch (layer.kind) {
      case "heat": {
        const { range, columns, rows, tiles = 1, across = 1 } = layer;
        const { isLogit = false, isSmooth = false, isDiscrete = false, first = 0 } = layer;
        const { gap = tiles > 1 ? 1 : 0, line = isSmooth ? 1 : 0 } = layer;
        const colors = [
          ...heatColors(layer, palette).flatMap((channels) => [...channels, 1]),
          ...color("text"),
        ];
        const [left, top, width, height] = this.#frameOf(layer, size);
        const flags = [
          Number(isLogit),
          Number(isSmooth),
          ...[gap, line].map((n) => n * pixelRatio),
        ];
        const grids = [columns, rows, across, tiles];
        const place = [left, top, first, Number(isDiscrete)];
        return [colors, width, height, range, grids, flags, place].flat();
      }
      case "points": {
        const { view, radius, colors } = layer;
        const all = [...colors, layer.rim ?? "card"].flatMap(color);
        return [all, view.x, view.y, size, [radius * pixelRatio, pixelRatio]].flat();
      }
      case "links": {
        const { negative, positive, from, to, width } = layer;
        const numbers = [to.length, width * pixelRatio, pixelRatio, 0];
        const scaled = spotsOf(from, to).map((n) => n * pixelRatio);
        return [color(negative), color(positive), size, 0, 0, numbers, scaled].flat();
      }
      case "line": {
        const { range, width, values } = layer;
        const count = values.shape.at(-1) ?? 0;
        return [color(layer.color), size, range, count, (width * pixelRatio) / 2].flat();
      }
    }
  }
}
