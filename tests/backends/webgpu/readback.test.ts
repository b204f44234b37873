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

test("a browser that takes its time is reminded a few times, and no more once the value is there", async () => {
  const isBrowser = typeof navigator !== "undefined" && "gpu" in navigator;
  const submit = vi.spyOn(device.queue, "submit");
  const reminders = () => submit.mock.calls.filter(([buffers]) => [...buffers].length === 0).length;
  const readback = new Readback(device);
  const small = storage(Float32Array.of(1));
  // A copy of 64 MiB takes longer than all reminders.
  const large = storage(new Float32Array(2 ** 24));
  await readback.read(large, 0, 2 ** 26);
  expect(reminders()).toBe(isBrowser ? 3 : 0);
  await readback.read(small, 0, 4);
  const after = reminders();
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(reminders()).toBe(after);
  submit.mockRestore();
});
