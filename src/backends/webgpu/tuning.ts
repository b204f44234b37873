import type { Tuning } from "./kernel.ts";

/** What kernels are fitted to on a device. */
export function tuningFor(gpu: GPUDevice): Tuning {
  const info = gpu.adapterInfo;
  const hasSubgroups = gpu.features.has("subgroups");
  const subgroupMinSize = info.subgroupMinSize ?? 0;
  // Processors that run shaders keep few threads busy; on them a large workgroup is a long loop on one core.
  const software = isSoftware(info);
  return {
    adapter: {
      vendor: info.vendor,
      architecture: info.architecture,
      hasSubgroups,
      subgroupMinSize,
      subgroupMaxSize: info.subgroupMaxSize ?? 0,
    },
    threads: software ? 64 : 8192,
    smallestWorkgroup: software ? 4 : 32,
  };
}

/** Whether a processor plays the GPU. Dawn in Node does not say so of all of them. */
export const isSoftware = (info: GPUAdapterInfo): boolean =>
  info.isFallbackAdapter ||
  /swiftshader|llvmpipe|lavapipe/i.test(`${info.architecture} ${info.device} ${info.description}`);
