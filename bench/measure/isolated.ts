// How long one pipeline takes, where nothing else runs: drivers compile when it is made, or when it is first used.

const [STORAGE, COPY_DST] = [0x80, 0x8]; // GPUBufferUsage

const bytesOf: Record<string, number> = { "": 4, vec2: 8, vec3: 16, vec4: 16 };

/** The bytes of each binding of a shader, in order. */
function bindingsOf(wgsl: string): number[] {
  const declared = wgsl.matchAll(
    /@binding\((\d+)\) var<storage[^>]*> \w+: array<(?:(vec\d)<)?\w+>?, (\d+)>/g,
  );
  const bytes: number[] = [];
  for (const [, binding, vector = "", length] of declared) {
    bytes[Number(binding)] = bytesOf[vector] * Number(length);
  }
  return bytes;
}

/** Milliseconds of the processor, on all its cores, that a process of Node uses while this runs. */
export async function processorTime(run: () => unknown): Promise<number> {
  const start = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** Milliseconds of the processor until one workgroup of a shader has run for the first time. */
export async function compileTime(device: GPUDevice, wgsl: string): Promise<number> {
  const buffers = bindingsOf(wgsl).map((size) =>
    device.createBuffer({ size: Math.max(size, 16), usage: STORAGE | COPY_DST }),
  );
  await device.queue.onSubmittedWorkDone();
  const milliseconds = await processorTime(async () => {
    const module = device.createShaderModule({ code: wgsl });
    const pipeline = await device.createComputePipelineAsync({
      layout: "auto",
      compute: { module },
    });
    const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
    const bindGroup = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(1);
    pass.end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
  });
  for (const buffer of buffers) buffer.destroy();
  return milliseconds;
}
