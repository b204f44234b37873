import { expect, test, vi } from "vitest";
import { Readback } from "../../../src/backends/webgpu/device/readback.ts";
import { device, storage } from "./gpu.ts";

test.each([
  ["small ones are rounded up and used again", 5000, 8192, 1],
  ["large ones are as large as the value, and let go", 16_800_000, 16_800_000, 2],
])("buffers to read through: %s", async (_, bytes, size, made) => {
  const create = vi.spyOn(device, "createBuffer");
  const buffer = storage(Float32Array.from({ length: bytes / 4 }, (_, i) => i));
  create.mockClear();
  const readback = new Readback(device);
  for (let i = 0; i < 2; i++) {
    const read = await readback.read(buffer, 0, bytes);
    expect(new Float32Array(read)[1]).toBe(1);
  }
  expect(create.mock.calls.map(([{ size: length }]) => length)).toEqual(new Array(made).fill(size));
});

test("bytes that are no whole words are copied with those beside them, and read alone", async () => {
  const buffer = storage(Float32Array.of(1, 2, 3));
  const read = await new Readback(device).read(buffer, 4, 6);
  expect(new Uint8Array(read)).toEqual(new Uint8Array(Float32Array.of(2, 3).buffer, 0, 6));
});
