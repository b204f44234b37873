/** What is made of a GPUDevice; encoders and passes are counted apart. */
const OBJECTS = [
  "createBuffer",
  "createTexture",
  "createSampler",
  "createBindGroup",
  "createBindGroupLayout",
  "createPipelineLayout",
  "createComputePipeline",
  "createComputePipelineAsync",
  "createRenderPipeline",
  "createRenderPipelineAsync",
  "createShaderModule",
  "createQuerySet",
] as const;

type ObjectName = (typeof OBJECTS)[number];

/** How often each was called. */
export type Calls = Record<
  ObjectName | "passes" | "dispatches" | "submits" | "writes" | "copies",
  number
>;

type Method = (this: object, ...args: unknown[]) => unknown;

/** Counts what is called on the real objects of WebGPU while `action` runs, whatever it makes itself. */
export async function countCalls(gpu: GPUDevice, action: () => unknown): Promise<Calls> {
  const calls = Object.fromEntries(OBJECTS.map((name) => [name, 0])) as Calls;
  Object.assign(calls, { passes: 0, dispatches: 0, submits: 0, writes: 0, copies: 0 });
  const restored: (() => void)[] = [];
  const wrap = (prototype: object, name: string, count: (...args: unknown[]) => void) => {
    const own = Reflect.get(prototype, name) as Method;
    Object.assign(prototype, {
      [name](this: object, ...args: unknown[]) {
        count(...args);
        return own.apply(this, args);
      },
    });
    restored.push(() => Object.assign(prototype, { [name]: own }));
  };
  for (const name of OBJECTS) wrap(prototypeOf(gpu, name), name, () => calls[name]++);
  // One of nothing only has a browser send what was asked for.
  wrap(prototypeOf(gpu.queue, "submit"), "submit", (buffers) => {
    if ((buffers as readonly GPUCommandBuffer[]).length > 0) calls.submits++;
  });
  wrap(prototypeOf(gpu.queue, "writeBuffer"), "writeBuffer", () => calls.writes++);
  const encoder = gpu.createCommandEncoder();
  wrap(prototypeOf(encoder, "beginComputePass"), "beginComputePass", () => calls.passes++);
  wrap(prototypeOf(encoder, "copyBufferToBuffer"), "copyBufferToBuffer", () => calls.copies++);
  const pass = encoder.beginComputePass();
  calls.passes = 0;
  for (const name of ["dispatchWorkgroups", "dispatchWorkgroupsIndirect"])
    wrap(prototypeOf(pass, name), name, () => calls.dispatches++);
  pass.end();
  encoder.finish();
  try {
    await action();
  } finally {
    for (const restore of restored.reverse()) restore();
  }
  return calls;
}

/** Objects made: all but encoders, passes and submissions. */
export const objects = (calls: Calls): Partial<Calls> =>
  Object.fromEntries(OBJECTS.filter((name) => calls[name] > 0).map((name) => [name, calls[name]]));

/** The object that a method is defined on. */
function prototypeOf(object: object, method: string): object {
  for (let o: object | null = object; o; o = Object.getPrototypeOf(o) as object | null)
    if (Object.hasOwn(o, method)) return o;
  throw new Error(`WebGPU: no ${method}`);
}
