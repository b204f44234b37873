import type { Device } from "cotangent";
import { Canvases } from "./canvases.ts";
import heatWgsl from "./paint/heat.wgsl?raw";
import lineWgsl from "./paint/line.wgsl?raw";
import pointsWgsl from "./paint/points.wgsl?raw";
import { channels, type ColorName } from "./palette.ts";
import type { Layer, Line, Painter } from "./drawing.ts";

const shaders = { heat: heatWgsl, points: pointsWgsl, line: lineWgsl };

/** Premultiplied, so that what is drawn later covers by its opacity. */
const over: GPUBlendComponent = { srcFactor: "one", dstFactor: "one-minus-src-alpha" };

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
      const size = [canvas.width, canvas.height];
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
      if (layer.kind === "heat") pass.draw(3);
      else if (layer.kind === "points") pass.draw(4, layer.values.shape[0]);
      else pass.draw(4, strokesOf(layer));
    });
    pass.end();
    gpu.queue.submit([encoder.finish()]);
    await gpu.queue.onSubmittedWorkDone();
  }

  #uniforms(layer: Layer, size: readonly number[]): readonly number[] {
    const { palette, pixelRatio } = this.look;
    const color = (name: ColorName) => [...channels(palette[name]), 1];
    switch (layer.kind) {
      case "heat": {
        const { low, middle, high, range, columns, rows, tiles = 1, across = 1 } = layer;
        const { isLogit = false, isSmooth = false } = layer;
        const colors = [low, middle, high, "text" as const].flatMap(color);
        const gap = tiles > 1 ? pixelRatio : 0;
        const flags = [Number(isLogit), Number(isSmooth), gap, pixelRatio];
        return [colors, size, range, [columns, rows, across, tiles], flags].flat();
      }
      case "points": {
        const { view, radius, colors } = layer;
        const all = [...colors, "card" as const].flatMap(color);
        return [all, view.x, view.y, size, [radius * pixelRatio, pixelRatio]].flat();
      }
      case "line": {
        const { range, width, values } = layer;
        const count = values.shape.at(-1) ?? 0;
        return [color(layer.color), size, range, count, (width * pixelRatio) / 2].flat();
      }
    }
  }
}
