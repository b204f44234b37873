import { wholeWords } from "../../../base/dtype.ts";

/** A place in a buffer. */
export interface Position {
  buffer: GPUBuffer;
  offset: number;
}

/** Copies bytes from one buffer to another: whole words, which every place has room for. */
export function copyBytes(
  encoder: GPUCommandEncoder,
  from: Position,
  to: Position,
  bytes: number,
): void {
  encoder.copyBufferToBuffer(from.buffer, from.offset, to.buffer, to.offset, wholeWords(bytes));
}
