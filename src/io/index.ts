export * as safetensors from "./safetensors.ts";
