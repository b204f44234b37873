import { DeviceError } from "../../../base/errors.ts";

// What is needed only where no browser hands out a GPU: Dawn in Node, and errors that say what to do.

const isNode = () =>
  (globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node !==
  undefined;

/** Dawn stops when what `create` returned is collected, so it is held here. */
let dawn: GPU | null = null;

/** Dawn's WebGPU from the optional package `webgpu`, in Node; a DeviceError elsewhere. */
export async function dawnInNode(): Promise<GPU> {
  if (!isNode()) throw noWebGpu();
  dawn ??= await loadDawn();
  return dawn;
}

async function loadDawn(): Promise<GPU> {
  // Left to Node in bundles as well: the package is optional and of no use in a browser.
  const name = "webgpu";
  let module: { create(flags: string[]): GPU; globals: object };
  try {
    module = (await import(
      /* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ name
    )) as typeof module;
  } catch (cause) {
    throw new DeviceError(
      'init: Node has no WebGPU of its own; run `npm install webgpu`, or use init({ backend: "cpu" })',
      { cause },
    );
  }
  Object.assign(globalThis, module.globals);
  return module.create([]);
}

function noWebGpu(): DeviceError {
  const agent = typeof navigator === "undefined" ? "" : navigator.userAgent;
  const hint = /Firefox/.test(agent)
    ? "Firefox has it from version 141 on Windows and 145 on macOS; elsewhere set dom.webgpu.enabled in about:config"
    : /Chrome|Chromium|Edg/.test(agent)
      ? "Chrome and Edge have it from version 113, on Linux behind chrome://flags/#enable-unsafe-webgpu"
      : /Safari/.test(agent)
        ? "Safari has it from version 26"
        : "Chrome and Edge 113, Firefox 141 and Safari 26 have it";
  const secure =
    typeof isSecureContext !== "undefined" && !isSecureContext
      ? "the page must come over https or from localhost; "
      : "";
  return new DeviceError(
    `init: this browser offers no WebGPU here: ${secure}${hint}. init({ backend: "cpu" }) works everywhere`,
  );
}

/** The error of a WebGPU without an adapter. */
export function noAdapter(): DeviceError {
  const hint = isNode()
    ? "Node needs a Vulkan driver (on Debian: apt-get install mesa-vulkan-drivers libvulkan1) or VK_DRIVER_FILES pointing at one"
    : "the browser may have blocked the GPU or its driver: see chrome://gpu or about:support";
  return new DeviceError(
    `init: WebGPU is here, but it finds no adapter; ${hint}. init({ backend: "cpu" }) works everywhere`,
  );
}
