import { DeviceLostError } from "../../../base/errors.ts";

/** Milliseconds that a device may take to say that it is lost. */
const LONGEST_WAIT = 1000;

/**
 * What a device has promised. Where its process has died WebGPU rejects its promises, some of them before the device is
 * said to be lost; this rejects with a DeviceLostError then, when whoever hears of it finds the loss noted. A pipeline that
 * cannot be made is refused by a device that is well.
 */
export async function promised<T>(device: GPUDevice, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (cause) {
    if (cause instanceof Error && cause.name === "GPUPipelineError") throw cause;
    const soon = new Promise((resolve) => setTimeout(resolve, LONGEST_WAIT));
    if (!(await Promise.race([device.lost, soon]))) throw cause;
    throw new DeviceLostError("the device was lost before it was done", { cause });
  }
}
