import { init } from "cotangent";
import { expect, test } from "vitest";
import { timeDispatches } from "../../../src/backends/webgpu/device/timing.ts";

const { gpu } = await init();

/** Bytes of a buffer, as a backend reads them. */
async function read(buffer: GPUBuffer, size: number): Promise<ArrayBuffer> {
  const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ;
  const staging = gpu!.createBuffer({ size, usage });
  const encoder = gpu!.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, size);
  gpu!.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const bytes = staging.getMappedRange().slice(0);
  staging.destroy();
  return bytes;
}

test("a list of dispatches may be longer than a query set, which holds the times of 2,048", async () => {
  const count = 2 * 2048 + 3;
  const order: number[] = [];
  const dispatches = Array.from({ length: count }, (_, i) => () => order.push(i));
  gpu!.pushErrorScope("validation");
  const { milliseconds } = await timeDispatches(gpu!, dispatches, read, async () => {});
  expect(await gpu!.popErrorScope()).toBeNull();
  expect(order).toEqual(dispatches.map((_, i) => i));
  expect(milliseconds).toHaveLength(count);
  // An element that no pass had written would be 0 less a time, or a time less 0: hours since the machine's start.
  const strange = milliseconds.filter((ms) => !(ms >= 0 && ms < 60_000));
  expect(strange).toEqual([]);
});
