import { spreadOf } from "../statistics.ts";

/** Milliseconds that a measurement should take: clocks of devices are read in steps of up to 65 µs. */
const LONG = 10;
const ROUNDS = 5;
const MOST = 2_000;

/**
 * Milliseconds that a kernel takes by the device's clock, the median of several rounds of many dispatches in a row; by the
 * host's where the device has none. `workgroups` beyond 65,535 lie along y.
 */
export async function deviceTime(
  device: GPUDevice,
  code: string,
  buffers: readonly GPUBuffer[],
  workgroups: number,
): Promise<number> {
  const module = device.createShaderModule({ code });
  const pipeline = await device.createComputePipelineAsync({ layout: "auto", compute: { module } });
  const group = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  const [x, y] = [Math.min(workgroups, 65_535), Math.ceil(workgroups / 65_535)];
  const clock = device.features.has("timestamp-query") ? stampsOf(device) : null;

  const run = async (times: number): Promise<number> => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass(clock ? { timestampWrites: clock.writes } : {});
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    for (let i = 0; i < times; i++) pass.dispatchWorkgroups(x, y);
    pass.end();
    clock?.resolve(encoder);
    const start = performance.now();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return clock ? clock.read() : performance.now() - start;
  };

  await run(1);
  const once = Math.max(await run(5), 1e-3) / 5;
  const times = Math.min(Math.max(Math.ceil(LONG / once), 1), MOST);
  const rounds: number[] = [];
  for (let i = 0; i < ROUNDS; i++) rounds.push((await run(times)) / times);
  clock?.destroy();
  return spreadOf(rounds).median;
}

/** The device's clock at the start and at the end of a pass. */
function stampsOf(device: GPUDevice) {
  const querySet = device.createQuerySet({ type: "timestamp", count: 2 });
  const resolved = device.createBuffer({
    size: 16,
    usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
  });
  const staging = device.createBuffer({
    size: 16,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  return {
    writes: { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 },
    resolve(encoder: GPUCommandEncoder) {
      encoder.resolveQuerySet(querySet, 0, 2, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, 16);
    },
    /** Milliseconds between the two. */
    async read(): Promise<number> {
      await staging.mapAsync(GPUMapMode.READ);
      const [start, end] = new BigUint64Array(staging.getMappedRange().slice(0));
      staging.unmap();
      return Number(end - start) / 1e6;
    },
    destroy() {
      querySet.destroy();
      resolved.destroy();
      staging.destroy();
    },
  };
}
