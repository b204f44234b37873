import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

// A folder of goldens holds for each group GROUP.json, its cases, and a safetensors file with their tensors, named
// CASE/PART.NAME: in.x, out64.y, gin64.x, …

export type Json = number | string | boolean | null | Json[] | { [name: string]: Json };

export type Numbers = Float64Array | Float32Array | Int32Array | Uint8Array;

/** A tensor as it is stored. */
export interface Stored {
  dtype: "float" | "int32" | "bool";
  shape: number[];
  data: Numbers;
}

/** How far PyTorch in float32 was from the truth, and the largest |truth|. */
export interface Error32 {
  abs: number;
  scale: number;
}

/** Random numbers that both sides make: see `hashFill`. */
export interface Fill {
  shape: number[];
  seed: number;
}

/** What is known of a result too large to store. */
export interface Summary {
  shape: number[];
  sum: number;
  sumsq: number;
  absmax: number;
  err32?: Error32;
}

export interface Case {
  group: string;
  id: string;
  op: string;
  attrs: Record<string, Json>;
  /** The inputs that have gradients. */
  grads: string[];
  tags: string[];
  note: string;
  err32: Record<string, Error32>;
  fill?: Record<string, Fill>;
  gout?: Fill;
  results?: Record<string, Summary>;
  /** The tensors of the case by part and name: "in.x". */
  tensors: Map<string, Stored>;
}

/** The tensors of one part by name: those of "in" are x, w and so on. */
export function partOf(c: Case, part: string): Map<string, Stored> {
  const found = new Map<string, Stored>();
  for (const [name, stored] of c.tensors) {
    if (name.startsWith(`${part}.`)) found.set(name.slice(part.length + 1), stored);
  }
  return found;
}

/** The names of the groups in a folder; none where there is no such folder. */
export async function groupsIn(folder: string): Promise<string[]> {
  const files = await readdir(folder).catch(() => []);
  return files.filter((f) => f.endsWith(".json")).map((f) => f.slice(0, -".json".length));
}

interface Manifest {
  format: string;
  file: string;
  cases: (Partial<Case> & Pick<Case, "id" | "op">)[];
}

/** JSON has no NaN and no infinities: they are texts there. */
const SPECIAL: unknown[] = ["NaN", "Infinity", "-Infinity"];

const withSpecial = (_: string, value: unknown) =>
  SPECIAL.includes(value) ? Number(value) : value;

/** What a file holds; an error of its reader names it. */
async function readAs<T>(folder: string, file: string, read: (bytes: Buffer) => T): Promise<T> {
  try {
    return read(await readFile(join(folder, file)));
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new Error(`${file}: ${reason}`, { cause: error });
  }
}

function readManifest(bytes: Buffer): Manifest {
  const manifest = JSON.parse(bytes.toString(), withSpecial) as Manifest;
  if (manifest.format !== "goldens/1") {
    throw new Error(`the format is ${manifest.format}, not goldens/1`);
  }
  return manifest;
}

/** The cases of a group. */
export async function readGroup(folder: string, group: string): Promise<Case[]> {
  const manifest = await readAs(folder, `${group}.json`, readManifest);
  const tensors = await readAs(folder, manifest.file, readSafetensors);
  return manifest.cases.map((c) => ({
    ...c,
    group,
    attrs: c.attrs ?? {},
    grads: c.grads ?? [],
    tags: c.tags ?? [],
    note: c.note ?? "",
    err32: c.err32 ?? {},
    tensors: tensors.get(c.id) ?? new Map<string, Stored>(),
  }));
}

const ARRAYS = {
  F64: { dtype: "float", array: Float64Array },
  F32: { dtype: "float", array: Float32Array },
  I32: { dtype: "int32", array: Int32Array },
  BOOL: { dtype: "bool", array: Uint8Array },
} as const;

interface Header {
  [name: string]: { dtype: keyof typeof ARRAYS; shape: number[]; data_offsets: [number, number] };
}

/** The tensors of a file by case, then by part and name. */
function readSafetensors(bytes: Uint8Array): Map<string, Map<string, Stored>> {
  const { buffer } = bytes.slice();
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const text = new TextDecoder().decode(new Uint8Array(buffer, 8, length));
  const { __metadata__: _, ...header } = JSON.parse(text) as Header;
  const cases = new Map<string, Map<string, Stored>>();
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
    const [start, end] = data_offsets.map((offset) => 8 + length + offset);
    const { dtype: kind, array } = ARRAYS[dtype];
    const slash = name.indexOf("/");
    const own = cases.get(name.slice(0, slash)) ?? new Map<string, Stored>();
    cases.set(name.slice(0, slash), own);
    own.set(name.slice(slash + 1), {
      dtype: kind,
      shape,
      data: new array(buffer.slice(start, end)),
    });
  }
  return cases;
}

/** The numbers of a fill: a hash of index and seed, exact in float32. */
export function hashFill({ shape, seed }: Fill): Float32Array {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  const offset = Math.imul(seed, 0x9e3779b9);
  for (let i = 0; i < values.length; i++) {
    let x = (i + offset) >>> 0;
    x ^= x >>> 16;
    x = Math.imul(x, 0x85ebca6b);
    x ^= x >>> 13;
    x = Math.imul(x, 0xc2b2ae35);
    x ^= x >>> 16;
    values[i] = (x >>> 8) / 2 ** 23 - 1;
  }
  return values;
}
