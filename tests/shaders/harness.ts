import { read, run, storage } from "../backends/webgpu/gpu.ts";

const sources = import.meta.glob<string>("../../shaders/functions/*.wgsl", {
  query: "?raw",
  import: "default",
  eager: true,
});

/** The files of shaders/functions by their names. */
export const files: ReadonlyMap<string, string> = new Map(
  Object.entries(sources).map(([path, code]) => [/(\w+)\.wgsl$/.exec(path)![1], code]),
);

/** The functions that a WGSL text declares. */
export const declaredIn = (code: string): string[] =>
  [...code.matchAll(/^fn (\w+)\(/gm)].map(([, name]) => name);

/** What each function or constant of shaders/functions is declared in. */
const homes = new Map(
  [...files].flatMap(([file, code]) =>
    [...code.matchAll(/^(?:fn|const) (\w+)/gm)].map(([, name]) => [name, file] as const),
  ),
);

/** The files of shaders/functions that a text calls on, sorted. */
export function filesUsedBy(code: string): string[] {
  const text = code.replace(/\/\/.*$/gm, "");
  const used = new Set([...text.matchAll(/\w+/g)].flatMap(([word]) => homes.get(word) ?? []));
  return [...used].toSorted();
}

/** A text followed by all the files of shaders/functions that it needs, themselves and through others. */
export function withFunctions(code: string): string {
  const needed = new Set<string>();
  const visit = (text: string) => {
    for (const file of filesUsedBy(text)) {
      if (needed.has(file)) continue;
      needed.add(file);
      visit(files.get(file)!);
    }
  };
  visit(code);
  return [code, ...[...needed].map((file) => files.get(file)!)].join("\n");
}

export type Numbers = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** The values of a WGSL expression of type f32 in x, y and z, whose values are given. */
export async function evaluate(expression: string, ...inputs: Numbers[]): Promise<Float32Array> {
  const types = inputs.map((input) => (input instanceof Uint32Array ? "u32" : "f32"));
  const code = `
@group(0) @binding(0) var<storage, read_write> result: array<f32>;
${types.map((type, i) => `@group(0) @binding(${i + 1}) var<storage, read> input${i}: array<${type}>;`).join("\n")}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.x + id.y * groups.x * 64u;
  if (i >= ${inputs[0].length}u) { return; }
  ${types.map((_, i) => `let ${"xyz"[i]} = input${i}[i];`).join("\n  ")}
  result[i] = ${expression};
}
`;
  const result = storage(new Float32Array(inputs[0].length));
  const buffers = inputs.map((input) => storage(new Float32Array(input.buffer)));
  await run(withFunctions(code), [result, ...buffers], Math.ceil(inputs[0].length / 64));
  const values = await read(result);
  for (const buffer of [result, ...buffers]) buffer.destroy();
  return values.subarray(0, inputs[0].length);
}
