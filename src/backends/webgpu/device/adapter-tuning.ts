import { hasQuads } from "../kernels/matmul-families.ts";
import type { Tuning } from "../kernels/tuning.ts";

/** What kernels are fitted to on a device, or on one that is about to be made. */
export function tuningFor({
  adapterInfo: info,
  features,
}: {
  adapterInfo: GPUAdapterInfo;
  features: ReadonlySet<string>;
}): Tuning {
  const hasSubgroups = features.has("subgroups");
  const subgroupMinSize = info.subgroupMinSize ?? 0;
  // A CPU that runs shaders keeps few threads busy; there a large workgroup is a long loop on one core.
  const software = isSoftware(info);
  const adapter = {
    software,
    vendor: info.vendor,
    architecture: info.architecture,
    hasSubgroups,
    subgroupMinSize,
    subgroupMaxSize: info.subgroupMaxSize ?? 0,
  };
  const isSwiftShader = software && hasQuads(adapter);
  return {
    adapter,
    quick: false,
    threads: software ? 64 : 32_768,
    smallestWorkgroup: software ? 4 : 32,
    // A CPU's threads fold blocks by themselves, without barriers. Of a GPU one workgroup, on one of dozens of
    // multiprocessors, would load the shortest in 128 turns, each of which waits for memory.
    longRows: software
      ? { rows: 64, shortest: 2 ** 18, blocks: 256, shortestBlock: 1024 }
      : { rows: 128, shortest: 2 ** 14, blocks: 1024, shortestBlock: 1024 },
    // SwiftShader reads a vector number by number, and takes four times as long to compile that: tens of milliseconds,
    // which so many elements take a hundred runs to make up for.
    singly: isSwiftShader ? 2 ** 15 : 0,
    // Mesa does, on lavapipe. SwiftShader does not, and takes up to a fifth less time for a loop whose length it knows.
    unrolls: !isSwiftShader,
  };
}

/** Whether the adapter is software on a CPU, which Dawn in Node does not always report. */
export const isSoftware = (info: GPUAdapterInfo): boolean =>
  info.isFallbackAdapter ||
  /swiftshader|llvmpipe|lavapipe/i.test(`${info.architecture} ${info.device} ${info.description}`);
