import { OutOfMemoryError } from "../../../base/errors.ts";
import { getOrMake } from "../../../base/maps.ts";
import { powerAbove } from "../../../base/powers.ts";
import type { Memory } from "../../../graph/backend.ts";
import { amountOfBytes } from "../units.ts";

// GPUBufferUsage.STORAGE | VERTEX | COPY_SRC | COPY_DST: users may draw from what gpuBuffer() gives them.
const STORAGE = 0x80 | 0x20 | 0x4 | 0x8;

/** A range of a buffer, and how it is given back. */
export interface Range {
  buffer: GPUBuffer;
  offset: number;
  size: number;
  free(): void;
}

/** Offsets at which ranges may be bound. */
const ALIGNMENT = 256;
/** Values up to this size share pages. */
const SMALL = 4096;
/** Bytes of larger values that may be held at once: a loop that makes them without awaiting anything outruns the collector. */
const MOST_HELD = 2 ** 31;
/** Buffers that are kept for the next large values. */
const MOST_IDLE = 4;
const FIRST_PAGE = 64 * 1024;
const FIRST_ARENA = 64 * 1024;
/** Larger arenas are as large as the plan asks for: rounded up, one would take up to twice as much. */
const LARGE_ARENA = 256 * 1024 * 1024;

/** A buffer cut into slots of one size, for small values that outlive the call that made them. */
interface Page {
  buffer: GPUBuffer;
  free: number[];
}

/** What an arena is for. Kernels write to some and only read others, and none may do both with one buffer. */
type ArenaUse = "values" | "arguments";

/** Makes the buffers of a device, counts them, and hands out again what has been given back. */
export class Buffers {
  readonly memory: Memory = { bytes: 0, peakBytes: 0, buffers: 0, tensors: 0 };
  readonly #device: GPUDevice;
  readonly #report: (error: Error) => void;
  readonly #pages = new Map<number, Page[]>();
  /** Buffers of large values that are waiting for the next one, the oldest first. */
  readonly #idle: GPUBuffer[] = [];
  readonly #arenas: Record<ArenaUse, GPUBuffer[]> = { values: [], arguments: [] };
  #held = 0;

  constructor(device: GPUDevice, report: (error: Error) => void) {
    this.#device = device;
    this.#report = report;
  }

  /** A new storage buffer; throws an OutOfMemoryError where the device says beforehand that it is too large. */
  make(size: number, label: string, usage: number = STORAGE): GPUBuffer {
    const { maxBufferSize } = this.#device.limits;
    if (size > maxBufferSize) {
      throw new OutOfMemoryError(
        `${label} needs a buffer of ${amountOfBytes(size)}; this adapter's limit is ${amountOfBytes(maxBufferSize)} (maxBufferSize)`,
      );
    }
    this.#device.pushErrorScope("out-of-memory");
    const buffer = this.#device.createBuffer({ size, usage, label });
    this.#device.popErrorScope().then(
      (error) => {
        if (error)
          this.#report(new OutOfMemoryError(`${label} (${amountOfBytes(size)}): ${error.message}`));
      },
      () => {},
    );
    const { memory } = this;
    memory.buffers++;
    memory.bytes += size;
    memory.peakBytes = Math.max(memory.peakBytes, memory.bytes);
    return buffer;
  }

  destroy(buffer: GPUBuffer): void {
    this.memory.buffers--;
    this.memory.bytes -= buffer.size;
    buffer.destroy();
  }

  /** Room for a value that outlives the call that made it. */
  value(size: number): Range {
    const range = size <= SMALL ? this.#small(size) : this.#large(size);
    this.memory.tensors++;
    return range;
  }

  #small(size: number): Range {
    const slot = Math.max(ALIGNMENT, powerAbove(size));
    const pages = getOrMake(this.#pages, slot, () => []);
    const page = pages.find((p) => p.free.length > 0) ?? this.#addPage(pages, slot);
    const offset = page.free.pop()!;
    return {
      buffer: page.buffer,
      offset,
      size,
      free: () => {
        this.memory.tensors--;
        page.free.push(offset);
      },
    };
  }

  /** Each page is as large as all before it together, so that they double. */
  #addPage(pages: Page[], slot: number): Page {
    const size = Math.max(
      FIRST_PAGE,
      pages.reduce((sum, p) => sum + p.buffer.size, 0),
    );
    const buffer = this.make(size, `page of ${slot}-byte values`);
    const count = Math.floor(size / slot);
    const page = { buffer, free: Array.from({ length: count }, (_, i) => (count - 1 - i) * slot) };
    pages.push(page);
    return page;
  }

  #large(size: number): Range {
    const rounded = Math.ceil(size / SMALL) * SMALL;
    if (this.#held > 0 && this.#held + rounded > MOST_HELD) {
      throw new OutOfMemoryError(
        `results of ${amountOfBytes(this.#held)} are held; the limit is ${amountOfBytes(MOST_HELD)}: ` +
          "dispose() results that are not needed, or await something in the loop, so that the garbage collector gets its turn",
      );
    }
    const known = this.#idle.findIndex((b) => b.size === rounded);
    const buffer = known < 0 ? this.make(rounded, "value") : this.#idle.splice(known, 1)[0];
    this.#held += rounded;
    return {
      buffer,
      offset: 0,
      size,
      free: () => {
        this.memory.tensors--;
        this.#held -= rounded;
        this.#recycle(buffer);
      },
    };
  }

  /** Keeps a buffer for the next value of its size, and lets the one go that has lain idle longest. */
  #recycle(buffer: GPUBuffer): void {
    this.#idle.push(buffer);
    if (this.#idle.length > MOST_IDLE) this.destroy(this.#idle.shift()!);
  }

  /** Whether a large value that could do without may be kept: half of the room is for those that cannot. */
  canKeep(size: number): boolean {
    return size <= SMALL || this.#held + size <= MOST_HELD / 2;
  }

  /** A buffer for temporary values of a plan, or its arguments. Plans run one after the other, so they share. */
  arena(size: number, use: ArenaUse): GPUBuffer {
    const arenas = this.#arenas[use];
    const fitting = arenas.filter((b) => b.size >= size).sort((a, b) => a.size - b.size);
    if (fitting.length > 0) return fitting[0];
    const { maxBufferSize } = this.#device.limits;
    const rounded = size > LARGE_ARENA ? size : Math.max(FIRST_ARENA, powerAbove(size));
    const buffer = this.make(Math.max(size, Math.min(rounded, maxBufferSize)), `arena of ${use}`);
    arenas.push(buffer);
    return buffer;
  }
}
