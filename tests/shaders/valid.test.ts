import { create, globals } from "webgpu";
import { beforeAll, expect, test, vi } from "vitest";
import { endsOf, isEnd } from "./ends.ts";
import { declaredIn, files } from "./harness.ts";

const shaders = import.meta.glob<string>("../../shaders/**/*.wgsl", {
  query: "?raw",
  import: "default",
  eager: true,
});

// Dawn's null backend runs nothing but compiles everything, whatever the machine has.
Object.assign(globalThis, globals);
const gpu = create(["backend=null"]); // held, as promises never settle once it is collected
let device: GPUDevice;

beforeAll(async () => {
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error("no null adapter");
  device = await adapter.requestDevice({ requiredFeatures: ["subgroups", "shader-f16"] });
});

/** A shader, followed by the files of shaders/functions that its first line says it uses, and by the end that it shares. */
function complete(path: string): string {
  const paths = new Set([path, ...endsOf(path)]);
  for (const path of paths) {
    const [, names] = /^\/\/ uses: (.*)/.exec(shaders[path]) ?? [];
    for (const name of names?.split(", ") ?? []) paths.add(`../../shaders/functions/${name}.wgsl`);
  }
  return [...paths].map((path) => shaders[path]).join("\n");
}

test.each(Object.keys(shaders).filter((path) => !isEnd(path)))(
  "%s compiles with what it uses",
  async (path) => {
    const code = complete(path);
    device.pushErrorScope("validation");
    const { messages } = await device.createShaderModule({ code }).getCompilationInfo();
    await device.popErrorScope();
    const file = path.replace("../../", "");
    expect(messages.map(({ lineNum, message }) => `${file}:${lineNum}: ${message}`)).toEqual([]);
  },
);

const declared = new Set([...files.values()].flatMap(declaredIn));
const [scalars] = Object.values(
  import.meta.glob<string>("../../src/graph/scalar.ts", {
    query: "?raw",
    import: "default",
    eager: true,
  }),
);
/** What expressions may call. */
const called = [...scalars.matchAll(/"(\w+)"/g)].map(([, name]) => name);

test.each(called.filter((name) => declared.has(name)))(
  "a program that calls %s and nothing else gets what it needs",
  async (name) => {
    vi.resetModules();
    const { loadFunctions, withFunctions } =
      await import("../../src/backends/webgpu/kernels/functions.ts");
    const call = `let y = ${name}(x);`;
    await loadFunctions(call);
    const text = withFunctions(call);
    const calls = [...text.replace(/\/\/.*$/gm, "").matchAll(/\b(\w+)\(/g)].map(([, f]) => f);
    const needed = calls.filter((f) => declared.has(f));
    expect(declaredIn(text)).toEqual(expect.arrayContaining(needed));
  },
);
