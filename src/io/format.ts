import type { TypedArray } from "../base/dtype.ts";
import { DtypeError, FormatError } from "../base/errors.ts";
import { show, sizeOf, type Shape } from "../base/shape.ts";
import { bfloat16sOf, float16sOf } from "./half.ts";

// The layout of safetensors: the length of the header in 8 bytes, little-endian; the header, JSON that gives dtype,
// shape and place of each tensor; then the tensors, without gaps. https://github.com/huggingface/safetensors

/** A tensor in a file. */
export interface FileTensor {
  /** The format's name: "F32", "I32", "BOOL", … */
  dtype: string;
  /** The lengths of its axes. */
  shape: number[];
  /** 16-bit floats are widened, 64-bit integers become float64. A DtypeError for what no typed array holds. */
  readonly data: TypedArray;
}

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [start: number, end: number];
}

const view =
  (View: new (buffer: ArrayBuffer) => TypedArray) =>
  (bytes: ArrayBuffer): TypedArray =>
    new View(bytes);
const wide =
  (View: new (buffer: ArrayBuffer) => BigInt64Array | BigUint64Array) =>
  (bytes: ArrayBuffer): TypedArray =>
    Float64Array.from(new View(bytes) as Iterable<bigint>, Number);

/** Bits of an element, and how bytes of them are read; without `read` only their room is known. */
const DTYPES: Record<string, { bits: number; read?: (bytes: ArrayBuffer) => TypedArray }> = {
  F64: { bits: 64, read: view(Float64Array) },
  F32: { bits: 32, read: view(Float32Array) },
  F16: { bits: 16, read: (bytes) => float16sOf(new Uint16Array(bytes)) },
  BF16: { bits: 16, read: (bytes) => bfloat16sOf(new Uint16Array(bytes)) },
  I64: { bits: 64, read: wide(BigInt64Array) },
  I32: { bits: 32, read: view(Int32Array) },
  I16: { bits: 16, read: view(Int16Array) },
  I8: { bits: 8, read: view(Int8Array) },
  U64: { bits: 64, read: wide(BigUint64Array) },
  U32: { bits: 32, read: view(Uint32Array) },
  U16: { bits: 16, read: view(Uint16Array) },
  U8: { bits: 8, read: view(Uint8Array) },
  BOOL: { bits: 8, read: view(Uint8Array) },
  C64: { bits: 64 },
  F8_E4M3: { bits: 8 },
  F8_E4M3FNUZ: { bits: 8 },
  F8_E5M2: { bits: 8 },
  F8_E5M2FNUZ: { bits: 8 },
  F8_E8M0: { bits: 8 },
  F6_E2M3: { bits: 6 },
  F6_E3M2: { bits: 6 },
  F4: { bits: 4 },
};

/** Bytes of their own, not shared, as far as TypeScript can say so: before 5.7 arrays are not generic. */
export type OwnBytes = ReturnType<typeof Uint8Array.of>;

const PREFIX = 8;

/** What the header has besides tensors. */
export const METADATA = "__metadata__";

const fail = (problem: string): never => {
  throw new FormatError(`safetensors: ${problem}`);
};

/** The tensors of a file by name. */
export function decode(bytes: Uint8Array): Map<string, FileTensor> {
  const [entries, start] = readHeader(bytes);
  const tensors = entries.map(([name, { dtype, shape, data_offsets }]) => {
    const [from, to] = data_offsets;
    const { read } = DTYPES[dtype];
    const tensor: FileTensor = read
      ? { dtype, shape, data: read(copyOf(bytes.subarray(start + from, start + to)).buffer) }
      : unreadable(name, dtype, shape);
    return [name, tensor] as const;
  });
  return new Map(tensors);
}

/** A tensor without numbers here: the others of its file are of use all the same. */
const unreadable = (name: string, dtype: string, shape: number[]): FileTensor => ({
  dtype,
  shape,
  get data(): TypedArray {
    throw new DtypeError(
      `safetensors: "${name}" is ${dtype}, of which no typed array has elements`,
    );
  },
});

/** Aligned, and not shared: browsers decode no text from shared memory. */
function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy;
}

/** The entries of the header, checked, and where the data begins. */
function readHeader(bytes: Uint8Array): [entries: [string, Entry][], start: number] {
  if (bytes.length < PREFIX)
    fail(`${bytes.length} bytes are not a file; the first 8 give a length`);
  const { buffer, byteOffset } = bytes;
  const length = new DataView(buffer, byteOffset).getBigUint64(0, true);
  if (length > bytes.length - PREFIX) {
    fail(
      `the header should have ${length} bytes, but the file ends after ${bytes.length - PREFIX}`,
    );
  }
  const start = PREFIX + Number(length);
  const { [METADATA]: _, ...header } = parseJson(bytes.subarray(PREFIX, start));
  const entries = Object.entries(header).map(([name, entry]): [string, Entry] => {
    checkEntry(name, entry);
    return [name, entry];
  });
  checkPlaces(entries, bytes.length - start);
  return [entries, start];
}

function parseJson(bytes: Uint8Array): Record<string, unknown> {
  let text = "";
  let header: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(copyOf(bytes));
    header = JSON.parse(text);
  } catch {
    fail("the header is not JSON");
  }
  checkDistinct(text);
  if (typeof header !== "object" || header === null || Array.isArray(header)) {
    fail("the header is not a JSON object");
  }
  return header as Record<string, unknown>;
}

/** JSON.parse keeps the last of two entries of one name, others the first: the format allows neither. */
function checkDistinct(json: string): void {
  const open: Set<string>[] = [];
  let [start, end, inString] = [0, 0, false];
  for (const { 0: token, index } of json.matchAll(/\\.|["{}:]/g)) {
    if (token === '"') {
      inString = !inString;
      if (inString) start = index;
      else end = index + 1;
    } else if (inString) {
      continue;
    } else if (token === "{") {
      open.push(new Set());
    } else if (token === "}") {
      open.pop();
    } else {
      const name = JSON.parse(json.slice(start, end)) as string;
      if (open.at(-1)!.has(name)) fail(`the header has two entries "${name}"`);
      open.at(-1)!.add(name);
    }
  }
}

const isCount = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 0;

function checkEntry(name: string, entry: unknown): asserts entry is Entry {
  const { dtype, shape, data_offsets: place } = (entry ?? {}) as Record<string, unknown>;
  if (typeof dtype !== "string" || !Object.hasOwn(DTYPES, dtype)) {
    fail(`"${name}" has the dtype ${JSON.stringify(dtype)}, which is not known`);
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) fail(`"${name}" has no shape`);
  if (!Array.isArray(place) || place.length !== 2 || !place.every(isCount)) {
    fail(`"${name}" has no data_offsets`);
  }
  const [start, end] = place as number[];
  const size = (sizeOf(shape as Shape) * DTYPES[dtype as string].bits) / 8;
  if (end - start !== size) {
    fail(
      `"${name}" takes ${size} bytes as ${dtype as string} ${show(shape as Shape)}, but has ${end - start}`,
    );
  }
}

/** The tensors have to lie behind each other, from the end of the header to that of the file. */
function checkPlaces(entries: readonly [string, Entry][], size: number): void {
  const inOrder = entries.toSorted(([, a], [, b]) => {
    const [[a0, a1], [b0, b1]] = [a.data_offsets, b.data_offsets];
    return a0 - b0 || a1 - b1;
  });
  let end = 0;
  for (const [name, { data_offsets }] of inOrder) {
    if (data_offsets[0] < end) fail(`"${name}" overlaps the tensor before it`);
    if (data_offsets[0] > end) fail(`there is a gap before "${name}"`);
    end = data_offsets[1];
    if (end > size) fail(`the file ends within "${name}"`);
  }
  if (end < size) fail(`${size - end} bytes follow the last tensor`);
}

/** The bytes of a file with these tensors, those of larger elements first, so that all are aligned. */
export function encode(tensors: ReadonlyMap<string, FileTensor>): OwnBytes {
  const width = (dtype: string) => DTYPES[dtype].bits;
  const ordered = [...tensors].toSorted(([, a], [, b]) => width(b.dtype) - width(a.dtype));
  let end = 0;
  const entries = ordered.map(([name, { dtype, shape, data }]) => {
    const entry: Entry = { dtype, shape, data_offsets: [end, (end += data.byteLength)] };
    return [name, entry] as const;
  });
  const json = JSON.stringify(Object.fromEntries(entries));
  const text = new TextEncoder().encode(json);
  const padded = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(PREFIX + padded + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true);
  file.fill(" ".charCodeAt(0), PREFIX, PREFIX + padded);
  file.set(text, PREFIX);
  ordered.forEach(([, { data }], i) => {
    const { buffer, byteOffset, byteLength } = data;
    const start = PREFIX + padded + entries[i][1].data_offsets[0];
    file.set(new Uint8Array(buffer, byteOffset, byteLength), start);
  });
  return file;
}
