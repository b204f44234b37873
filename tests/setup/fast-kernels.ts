import { WebGpuBackend } from "../../src/backends/webgpu/webgpu-backend.ts";

// Most tests run what they look at once: here with the kernels that otherwise come later. On the other hosts
// they begin with the first ones, as programs do.
const { prepare } = WebGpuBackend.prototype;
WebGpuBackend.prototype.prepare = function (program, options) {
  return prepare.call(this, program, { quick: false, ...options });
};
