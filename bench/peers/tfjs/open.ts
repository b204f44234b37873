import "@tensorflow/tfjs-backend-webgpu";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import * as tf from "@tensorflow/tfjs-core";

const name = TARGET === "gpu" ? "webgpu" : "wasm";

export async function open(): Promise<void> {
  if (TARGET === "wasm") (await import("./wasm.ts")).load();
  if (!(await tf.setBackend(name))) throw new Error(`TensorFlow.js found no ${name}`);
  await tf.ready();
}
