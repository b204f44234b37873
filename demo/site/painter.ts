import type { Device } from "cotangent";
import { CanvasPainter } from "./canvas-painter.ts";
import type { Painter } from "./drawing.ts";
import { GpuPainter } from "./gpu-painter.ts";

/** Straight from GPU memory where there is a GPU. */
export const makePainter = (device: Device): Painter =>
  device.gpu ? new GpuPainter(device) : new CanvasPainter();
