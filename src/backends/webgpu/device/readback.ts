import { wholeWords } from "../../../base/dtype.ts";
import { getOrMake } from "../../../base/maps.ts";
import { powerAbove } from "../../../base/powers.ts";
import { browserGpu } from "./browser.ts";
import { copyBytes } from "./copy.ts";
import { promised } from "./promised.ts";

const MAP_READ_COPY_DST = 0x1 | 0x8; // GPUBufferUsage.MAP_READ | COPY_DST
const MAP_MODE_READ = 1;
const SMALLEST = 4096;
/** Larger buffers are as large as the value, and are not kept: half of one could be idle, or be more than the device allows. */
const LARGEST = 16 * 1024 * 1024;
/** How often, at most, a browser is reminded of a value that is waited for, a millisecond apart. */
const REMINDERS = 3;

/** Brings bytes from the device to the host, through buffers that are used again. */
export class Readback {
  readonly #device: GPUDevice;
  readonly #free = new Map<number, GPUBuffer[]>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  async read(buffer: GPUBuffer, offset: number, size: number): Promise<ArrayBuffer> {
    if (size === 0) return new ArrayBuffer(0);
    const words = wholeWords(size);
    const kept = size <= LARGEST;
    const length = kept ? Math.max(SMALLEST, powerAbove(size)) : words;
    const pool = kept ? getOrMake(this.#free, length, () => []) : [];
    const staging =
      pool.pop() ??
      this.#device.createBuffer({ size: length, usage: MAP_READ_COPY_DST, label: "readback" });
    const encoder = this.#device.createCommandEncoder();
    copyBytes(encoder, { buffer, offset }, { buffer: staging, offset: 0 }, size);
    this.#device.queue.submit([encoder.finish()]);
    const stop = this.#remind();
    try {
      await promised(this.#device, staging.mapAsync(MAP_MODE_READ, 0, words));
    } finally {
      stop();
    }
    const bytes = staging.getMappedRange(0, words).slice(0, size);
    staging.unmap();
    if (kept) pool.push(staging);
    else staging.destroy();
    return bytes;
  }

  /**
   * Has a browser look whether the GPU is done. Chromium looks when something is submitted, if only nothing, and otherwise
   * every two milliseconds, which is long for a small network. Returns what ends it.
   */
  #remind(): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const remind = (left: number) => {
      timer = setTimeout(() => {
        this.#device.queue.submit([]);
        if (left > 1) remind(left - 1);
      }, 1);
    };
    if (browserGpu()) remind(REMINDERS);
    return () => clearTimeout(timer);
  }
}
