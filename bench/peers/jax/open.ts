import { defaultDevice, init, type Array as JaxArray } from "@jax-js/jax";

const device = TARGET === "gpu" ? "webgpu" : "wasm";

export async function open(): Promise<void> {
  const devices = await init(device);
  if (!devices.includes(device)) throw new Error(`jax-js found no ${device}`);
  defaultDevice(device);
}

/** Has an array computed, which is otherwise never done for one that is disposed of before it is read. */
export async function submit(x: JaxArray): Promise<void> {
  // This waits for nothing; in WebAssembly it has no counterpart.
  if (device === "webgpu") x.ref.gpuBufferSync();
  else await x.blockUntilReady();
}
