import type { Tuning } from "../kernels/kernel.ts";

/** What kernels are fitted to on a device. */
export function tuningFor(gpu: GPUDevice): Tuning {
  const info = gpu.adapterInfo;
  const hasSubgroups = gpu.features.has("subgroups");
  const subgroupMinSize = info.subgroupMinSize ?? 0;
  // A CPU that runs shaders keeps few threads busy; there a large workgroup is a long loop on one core.
  const software = isSoftware(info);
  return {
    adapter: {
      software,
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

/** Whether the adapter is software on a CPU, which Dawn in Node does not always report. */
export const isSoftware = (info: GPUAdapterInfo): boolean =>
  info.isFallbackAdapter ||
  /swiftshader|llvmpipe|lavapipe/i.test(`${info.architecture} ${info.device} ${info.description}`);
