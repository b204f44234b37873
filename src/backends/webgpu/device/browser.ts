/** The browser's WebGPU, where there is one. */
export const browserGpu = (): GPU | undefined => globalThis.navigator?.gpu;
