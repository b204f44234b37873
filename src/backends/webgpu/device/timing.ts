// It imports nothing: what it shared with programs, bundlers would set apart.

const QUERY_RESOLVE = 0x200; // GPUBufferUsage.QUERY_RESOLVE
const COPY_SRC = 0x4;
/** What WebGPU lets a query set hold at most. */
const MOST_QUERIES = 4096;

type Encode = (pass: GPUComputePassEncoder) => void;
type Read = (buffer: GPUBuffer, size: number) => Promise<ArrayBuffer>;

/**
 * Milliseconds of each of a list of dispatches, run one after the other; `read` brings bytes to the host, and `finished`
 * resolves when what has been submitted is done.
 */
export async function timeDispatches(
  gpu: GPUDevice,
  dispatches: readonly Encode[],
  read: Read,
  finished: () => Promise<void>,
): Promise<{ milliseconds: number[]; clock: "gpu" | "host" }> {
  if (dispatches.length === 0) return { milliseconds: [], clock: "host" };
  return gpu.features.has("timestamp-query")
    ? { milliseconds: await byTimestamps(gpu, dispatches, read), clock: "gpu" }
    : { milliseconds: await byHost(gpu, dispatches, finished), clock: "host" };
}

async function byTimestamps(
  gpu: GPUDevice,
  dispatches: readonly Encode[],
  read: Read,
): Promise<number[]> {
  const count = 2 * dispatches.length;
  const querySets = Array.from({ length: Math.ceil(count / MOST_QUERIES) }, (_, k) =>
    gpu.createQuerySet({
      type: "timestamp",
      count: Math.min(count - k * MOST_QUERIES, MOST_QUERIES),
    }),
  );
  const resolved = gpu.createBuffer({ size: 8 * count, usage: QUERY_RESOLVE | COPY_SRC });
  const encoder = gpu.createCommandEncoder();
  dispatches.forEach((encode, i) => {
    const at = (2 * i) % MOST_QUERIES;
    const pass = encoder.beginComputePass({
      timestampWrites: {
        querySet: querySets[Math.floor((2 * i) / MOST_QUERIES)],
        beginningOfPassWriteIndex: at,
        endOfPassWriteIndex: at + 1,
      },
    });
    encode(pass);
    pass.end();
  });
  querySets.forEach((querySet, k) => {
    encoder.resolveQuerySet(querySet, 0, querySet.count, resolved, 8 * MOST_QUERIES * k);
  });
  gpu.queue.submit([encoder.finish()]);
  const times = new BigInt64Array(await read(resolved, 8 * count));
  for (const querySet of querySets) querySet.destroy();
  resolved.destroy();
  return dispatches.map((_, i) => Number(times[2 * i + 1] - times[2 * i]) / 1e6);
}

async function byHost(
  gpu: GPUDevice,
  dispatches: readonly Encode[],
  finished: () => Promise<void>,
): Promise<number[]> {
  const milliseconds: number[] = [];
  for (const encode of dispatches) {
    const start = performance.now();
    const encoder = gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    encode(pass);
    pass.end();
    gpu.queue.submit([encoder.finish()]);
    await finished();
    milliseconds.push(performance.now() - start);
  }
  return milliseconds;
}
