/** What is counted, and the methods that a count adds up. */
const methods = {
  dispatches: {
    GPUComputePassEncoder: ["dispatchWorkgroups", "dispatchWorkgroupsIndirect"],
  },
  submits: { GPUQueue: ["submit"] },
  passes: { GPUCommandEncoder: ["beginComputePass", "beginRenderPass"] },
  buffers: { GPUDevice: ["createBuffer"] },
  textures: { GPUDevice: ["createTexture"] },
  bindGroups: { GPUDevice: ["createBindGroup"] },
  layouts: { GPUDevice: ["createBindGroupLayout", "createPipelineLayout"] },
  pipelines: {
    GPUDevice: [
      "createComputePipeline",
      "createComputePipelineAsync",
      "createRenderPipeline",
      "createRenderPipelineAsync",
    ],
  },
  shaderModules: { GPUDevice: ["createShaderModule"] },
  querySets: { GPUDevice: ["createQuerySet"] },
  writes: { GPUQueue: ["writeBuffer", "writeTexture"] },
  maps: { GPUBuffer: ["mapAsync"] },
} as const satisfies Record<string, Record<string, readonly string[]>>;

type Counted = keyof typeof methods;

/** Calls of WebGPU, by what they do. */
export type Counts = Record<Counted, number>;

const created: readonly Counted[] = [
  "buffers",
  "textures",
  "bindGroups",
  "layouts",
  "pipelines",
  "shaderModules",
  "querySets",
];

export const objectsIn = (counts: Counts): number =>
  created.reduce((sum, name) => sum + counts[name], 0);

type Prototype = Record<string, (...args: unknown[]) => unknown>;

/** Wraps the methods of WebGPU's own classes, before any library sees them; the counts go on from there. */
export function countCalls(): Counts {
  const names = Object.keys(methods) as Counted[];
  const counts = Object.fromEntries(names.map((name) => [name, 0])) as Counts;
  for (const name of names) {
    for (const [owner, members] of Object.entries(methods[name])) {
      const { prototype } = Reflect.get(globalThis, owner) as { prototype: Prototype };
      for (const member of members) {
        const original = prototype[member];
        prototype[member] = function (this: unknown, ...args) {
          counts[name]++;
          return original.apply(this, args);
        };
      }
    }
  }
  return counts;
}

/**
 * How often each call is made for a unit of work: the difference of two and of one times so many units, so that what
 * comes once with every run, such as the reading at its end, is not counted.
 */
export async function callsPerUnit(
  counts: Counts,
  units: number,
  run: (units: number) => Promise<unknown>,
): Promise<Counts> {
  const snapshots: Counts[] = [{ ...counts }];
  for (const times of [1, 2]) {
    await run(times * units);
    snapshots.push({ ...counts });
  }
  const [start, once, twice] = snapshots;
  const perUnit = { ...counts };
  for (const name of Object.keys(counts) as Counted[]) {
    const more = twice[name] - once[name] - (once[name] - start[name]);
    // What is rare may have come in the first run alone.
    perUnit[name] = Math.max(more, 0) / units;
  }
  return perUnit;
}
