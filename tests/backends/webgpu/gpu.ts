// WebGPU as it is, in Node and in Chromium alike: for tests of single kernels.

/** Exported, and so held: in Node, promises never settle once Dawn's instance is collected. */
export const gpu = await entryPoint();
const adapter = await gpu.requestAdapter();
if (!adapter) throw new Error("no WebGPU adapter");

export const { info } = adapter;
export const hasSubgroups = adapter.features.has("subgroups");
export const device = await adapter.requestDevice({
  requiredFeatures: hasSubgroups ? ["subgroups"] : [],
});

async function entryPoint(): Promise<GPU> {
  if (typeof navigator !== "undefined" && "gpu" in navigator) return navigator.gpu;
  const dawn = "webgpu"; // not a literal, so that no bundler looks for it
  const { create, globals } = (await import(/* @vite-ignore */ dawn)) as typeof import("webgpu");
  Object.assign(globalThis, globals);
  return create([]);
}

/** A storage buffer with these numbers. */
export function storage(data: Float32Array): GPUBuffer {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
  const size = Math.ceil(data.byteLength / 16) * 16; // whole vectors
  const buffer = device.createBuffer({ size, usage, mappedAtCreation: true });
  new Float32Array(buffer.getMappedRange()).set(data);
  buffer.unmap();
  return buffer;
}

/** Runs a kernel once on buffers 0, 1, … of group 0; throws what WebGPU has against it. */
export async function run(code: string, buffers: GPUBuffer[], groups: number, gridX = 65_535) {
  device.pushErrorScope("validation");
  const module = device.createShaderModule({ code });
  const pipeline = await device.createComputePipelineAsync({ layout: "auto", compute: { module } });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(
    0,
    device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
    }),
  );
  pass.dispatchWorkgroups(Math.min(groups, gridX), Math.ceil(groups / gridX));
  pass.end();
  device.queue.submit([encoder.finish()]);
  const error = await device.popErrorScope();
  if (error) throw new Error(error.message);
}

/** The numbers in a buffer. */
export async function read(buffer: GPUBuffer): Promise<Float32Array> {
  const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ;
  const staging = device.createBuffer({ size: buffer.size, usage });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const data = new Float32Array(staging.getMappedRange().slice(0));
  staging.destroy();
  return data;
}
