// Node's module of this name, for TensorFlow.js: bundles are made for browsers, which have none, and use nothing of it.
export const { TextEncoder, TextDecoder, types } =
  globalThis.process?.getBuiltinModule("util") ?? ({} as Partial<typeof import("node:util")>);
