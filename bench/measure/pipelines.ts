/** A pipeline by the name that its library gave it, and the milliseconds that compiling it took. */
export interface Compilation {
  name: string;
  milliseconds: number;
}

interface Recorded {
  name: string;
  code: string;
  entryPoint: string | undefined;
}

/** What pipelines have been made of, and what their device came from. */
const recorded: Recorded[] = [];
const origin: { gpu?: GPU; device?: GPUDevice } = {};

type Make = (this: GPUDevice, descriptor: GPUComputePipelineDescriptor) => unknown;

/** Keeps the text of every compute pipeline that is made from now on. */
export function recordPipelines(): void {
  const source: { requestAdapter: (this: GPU, options?: GPURequestAdapterOptions) => unknown } =
    GPU.prototype;
  const request = source.requestAdapter;
  source.requestAdapter = function (options) {
    origin.gpu = this;
    return request.call(this, options);
  };
  const codes = new WeakMap<GPUShaderModule, string>();
  const prototype: Pick<GPUDevice, "createShaderModule"> & Record<string, unknown> =
    GPUDevice.prototype as never;
  const makeModule = prototype.createShaderModule;
  prototype.createShaderModule = function (this: GPUDevice, descriptor) {
    const module = makeModule.call(this, descriptor);
    codes.set(module, descriptor.code);
    return module;
  };
  for (const name of ["createComputePipeline", "createComputePipelineAsync"]) {
    const make = prototype[name] as Make;
    prototype[name] = function (this: GPUDevice, descriptor: GPUComputePipelineDescriptor) {
      const { module, entryPoint } = descriptor.compute;
      const code = codes.get(module) ?? "";
      recorded.push({ name: descriptor.label ?? "", code, entryPoint });
      origin.device = this;
      return make.call(this, descriptor);
    };
  }
}

/** Compiles all that was recorded once more, one after the other, on a device that has no pipelines yet. */
export async function compileAgain(): Promise<Compilation[]> {
  const { gpu, device } = origin;
  if (!device || !gpu) return [];
  const made = [...recorded];
  const adapter = await gpu.requestAdapter();
  const requiredLimits: Record<string, number> = {};
  for (const name in adapter!.limits) {
    requiredLimits[name] = device.limits[name as keyof GPUSupportedLimits] as number;
  }
  const fresh = await adapter!.requestDevice({
    requiredFeatures: [...device.features] as GPUFeatureName[],
    requiredLimits,
  });
  const found: Compilation[] = [];
  for (const { name, code, entryPoint } of made) {
    const start = performance.now();
    await fresh.createComputePipelineAsync({
      layout: "auto",
      compute: { module: fresh.createShaderModule({ code }), ...(entryPoint && { entryPoint }) },
    });
    found.push({ name, milliseconds: performance.now() - start });
  }
  fresh.destroy();
  return found;
}
