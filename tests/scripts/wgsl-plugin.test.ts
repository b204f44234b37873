import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { create } from "webgpu";
import { endsOf, isEnd } from "../shaders/ends.ts";
import { minifyWgsl } from "../../scripts/wgsl-plugin.ts";
import { loadFunctions, withFunctions } from "../../src/backends/webgpu/kernels/functions.ts";

const body = (code: string) => minifyWgsl(`{\n${code}\n}`).split("\n").slice(1, -2).join("\n");

test("squeezes bodies but keeps words and operators apart", () => {
  expect(body("  let x = a - -b;")).toBe("let x=a- -b;");
  expect(body("  let p = a & &b; q = a / *r;")).toBe("let p=a& &b;q=a/ *r;");
  expect(body("  for (var i = 0u; i < N; i ++) { x [ i ] += 1 ; }")).toBe(
    "for(var i=0u;i<N;i++){x[i]+=1;}",
  );
});

test("strips comments, nested ones too", () => {
  expect(body("a /* o /* i */ o */ = /**/ b; // */ t")).toBe("a=b;");
  expect(minifyWgsl("a // b /* c\nd/* e\n// f */g\n/* //* h */ i */ j")).toBe("a\nd\ng\nj\n");
});

test("declarations keep their lines, and all but functions their spacing", () => {
  const lines = [
    "alias Scalar = f32;",
    "const TILE: u32 = 4;",
    "@group(0) @binding(0) var<storage, read_write> c: array<Scalar>;",
    "@compute @workgroup_size(8, 8)",
  ];
  const functions = [
    "fn epilogue(value: f32, index: u32) -> f32 { return value; }",
    "fn main(@builtin(global_invocation_id) thread: vec3u) {",
    "  c[0] = 1;",
    "}",
  ];
  const code = `// formula\n\n${[...lines, ...functions].map((line) => `${line} // why`).join("\n\n")}\n`;
  const squeezed = [
    "fn epilogue(value:f32,index:u32)->f32{return value;}",
    "fn main(@builtin(global_invocation_id)a:vec3u){c[0]=1;}",
  ];
  expect(minifyWgsl(code)).toBe(`${[...lines, ...squeezed].join("\n")}\n`);
});

test("what only a function of several lines sees gets a letter that means nothing else there", () => {
  const code = `const c: f32 = 1;
fn f(first: f32, x: f32) -> f32 {
  var sum = first.x + b * c + 0x1p-24f;
  for (var i = 0u; i < 3; i++) { let first = x; sum += first; }
  return g(sum);
}
fn g(value: f32) -> f32 { return value; }`;
  expect(minifyWgsl(code).split("\n")).toEqual([
    "const c: f32 = 1;",
    "fn f(a:f32,d:f32)->f32{var e=a.x+b*c+0x1p-24f;for(var h=0u;h<3;h++){let a=d;e+=a;}return g(e);}",
    "fn g(value:f32)->f32{return value;}",
    "",
  ]);
});

const shaders = import.meta.glob<string>("../../shaders/**/*.wgsl", {
  query: "?raw",
  import: "default",
  eager: true,
});

describe("the shaders, minified", () => {
  // Dawn's null backend compiles WGSL without a driver. Dawn stops when this object is collected.
  const gpu = create(["backend=null"]);
  let device: GPUDevice;

  beforeAll(async () => {
    const adapter = await gpu.requestAdapter();
    if (!adapter) throw new Error("Dawn's null backend gives no adapter");
    device = await adapter.requestDevice({ requiredFeatures: ["shader-f16", "subgroups"] });
    await loadFunctions("sinf()");
  });
  afterAll(() => device.destroy());

  const whole = Object.entries(shaders).filter(([path]) => !isEnd(path));

  test.each(whole)("%s is valid and shorter", async (path, code) => {
    const minified = minifyWgsl(code);
    expect(minified.length).toBeLessThanOrEqual(code.length);
    const ends = endsOf(path).map((end) => minifyWgsl(shaders[end]));
    // A file of functions calls its own.
    const linked = withFunctions(minified + ends.join("")).replace(code, "");
    const { messages } = await device.createShaderModule({ code: linked }).getCompilationInfo();
    expect(messages.map(({ lineNum, message }) => `${lineNum}: ${message}`)).toEqual([]);
  });
});
