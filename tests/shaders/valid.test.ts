import { create, globals } from "webgpu";
import { beforeAll, expect, test } from "vitest";

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

const BLOCKS = "../../shaders/matmul-blocks.wgsl";

/** A shader, followed by the files of shaders/functions that its first line says it uses, or as a matmul by its end. */
function complete(path: string): string {
  const paths = new Set(path.includes("/matmul-") ? [path, BLOCKS] : [path]);
  for (const path of paths) {
    const [, names] = /^\/\/ uses: (.*)/.exec(shaders[path]) ?? [];
    for (const name of names?.split(", ") ?? []) paths.add(`../../shaders/functions/${name}.wgsl`);
  }
  return [...paths].map((path) => shaders[path]).join("\n");
}

test.each(Object.keys(shaders).filter((path) => path !== BLOCKS))(
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
