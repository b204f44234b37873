import { existsSync } from "node:fs";

const devices = ["/dev/dri/renderD128", "/dev/nvidiactl", "/dev/dxg"];

/**
 * True where WebGPU has to run on a software Vulkan driver: a Linux machine that shows no GPU.
 * COTANGENT_GPU=software or =hardware overrules the guess.
 */
export const softwareGpu: boolean = process.env["COTANGENT_GPU"]
  ? process.env["COTANGENT_GPU"] === "software"
  : process.platform === "linux" && !devices.some((device) => existsSync(device));
