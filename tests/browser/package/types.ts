import { compile, init, tensor, type Tensor } from "cotangent";
import { selfTest } from "cotangent/check";
import { safetensors } from "cotangent/io";

// Compiled against the declarations that the package brings, and never run.
const device = await init({ backend: "cpu" });
const norm = compile((x: Tensor) => x.square().sum().sqrt());
export const value: number = await norm(tensor([3, 4])).item();
export const bytes: number = device.memory().bytes;
export const save = safetensors.save;
export const report = selfTest;
