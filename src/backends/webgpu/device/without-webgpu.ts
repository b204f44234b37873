// What is needed only where no browser hands out a GPU as it is asked for: Dawn in Node, and what errors say to do. It
// imports nothing: what it shared with the rest, bundlers would set apart.

/** Throws the error that says why there is no GPU. */
type Fail = (message: string, options?: ErrorOptions) => never;

const isNode = () =>
  (globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node !==
  undefined;

/** Dawn stops when what `create` returned is collected, so it is held here. */
let dawn: GPU | null = null;

/** Dawn's WebGPU from the optional package `webgpu`, in Node; elsewhere it fails. */
export async function dawnInNode(fail: Fail): Promise<GPU> {
  if (!isNode()) fail(noWebGpu());
  dawn ??= await loadDawn(fail);
  return dawn;
}

async function loadDawn(fail: Fail): Promise<GPU> {
  // Left to Node in bundles as well: the package is optional and of no use in a browser.
  const name = "webgpu";
  let module: { create(flags: string[]): GPU; globals: object };
  try {
    module = (await import(
      /* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ name
    )) as typeof module;
  } catch (cause) {
    return fail(
      'init: Node has no WebGPU of its own; run `npm install webgpu`, or use init({ backend: "cpu" })',
      { cause },
    );
  }
  Object.assign(globalThis, module.globals);
  return module.create([]);
}

function noWebGpu(): string {
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
  return `init: this browser offers no WebGPU here: ${secure}${hint}. init({ backend: "cpu" }) works everywhere`;
}

/** What is wrong where WebGPU has no adapter. */
export function noAdapter(): string {
  const hint = isNode()
    ? "Node needs a Vulkan driver (on Debian: apt-get install mesa-vulkan-drivers libvulkan1) or VK_DRIVER_FILES pointing at one"
    : "the browser may have blocked the GPU or its driver: see chrome://gpu or about:support";
  return `init: WebGPU is here, but it finds no adapter; ${hint}. init({ backend: "cpu" }) works everywhere`;
}

/** What is wrong where an adapter has not all features that are asked for. */
export const lacksFeatures = (missing: readonly string[], features: GPUSupportedFeatures): string =>
  `init: the adapter lacks ${missing.join(", ")}; it has ${[...features].sort().join(", ")}`;
