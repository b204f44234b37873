// Reference results of PyTorch 1.13 and mpmath: GROUP.json lists the cases, GROUP.safetensors holds their tensors,
// named CASE/PART.NAME. Inlined as base64, so that tests read them in Node and in a browser alike.

export interface GoldenCase {
  id: string;
  op: string;
  /** Names of the inputs, in order. */
  inputs: Record<string, { shape: number[]; dtype: string }>;
  attrs: Record<string, number | string | boolean | null>;
  tags: string[];
}

export type GoldenArray = Float64Array | Float32Array | Int32Array | Uint8Array;

export interface Golden {
  cases: GoldenCase[];
  tensors: Map<string, { shape: number[]; data: GoldenArray }>;
}

const manifests = import.meta.glob<{ cases: GoldenCase[] }>("./*.json", { import: "default" });
const files = import.meta.glob<string>("./*.safetensors", {
  query: "?url&inline",
  import: "default",
});

const ARRAYS = { F64: Float64Array, F32: Float32Array, I32: Int32Array, BOOL: Uint8Array };

interface Header {
  [name: string]: { dtype: keyof typeof ARRAYS; shape: number[]; data_offsets: [number, number] };
}

/** The cases of a group and their tensors. */
export async function readGolden(group: string): Promise<Golden> {
  const [{ cases }, url] = await Promise.all([
    manifests[`./${group}.json`](),
    files[`./${group}.safetensors`](),
  ]);
  const buffer = await (await fetch(url)).arrayBuffer();
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const text = new TextDecoder().decode(new Uint8Array(buffer, 8, length));
  const { __metadata__: _, ...header } = JSON.parse(text) as Header;
  const tensors: Golden["tensors"] = new Map();
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
    const [start, end] = data_offsets.map((offset) => 8 + length + offset);
    tensors.set(name, { shape, data: new ARRAYS[dtype](buffer.slice(start, end)) });
  }
  return { cases, tensors };
}
