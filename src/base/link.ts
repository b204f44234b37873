/** New values by name: of a `const` or `alias`, or the body of a one-line `fn`. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

/** A storage buffer as a kernel declares it. */
export interface DeclaredBinding {
  /** Its number in bind group 0. */
  index: number;
  access: "read" | "read_write";
  /** The element, e.g. "vec4f"; without it the array is as the shader declares it. */
  type?: string;
  /** Elements; without it the array takes its length from the buffer that is bound. */
  length?: number;
}

/**
 * Specialises a shader that is valid as it stands: puts `set` in the place of the values of its
 * `const` and `alias` declarations and of the bodies of its `fn` declarations, each on a line of
 * its own, and `bindings` in the place of its storage bindings; null drops one. Lines keep their
 * numbers, so a compile error points at the line of the `.wgsl` file.
 */
export function link(
  wgsl: string,
  set: Settings,
  bindings: Readonly<Record<string, DeclaredBinding | null>> = {},
): string {
  const { lines, values, storage } = partsOf(wgsl);
  const result = [...lines];
  for (const [name, value] of Object.entries(set)) {
    const text = String(value);
    if (text.includes("\n")) throw new Error(`link: the value of ${name} has more than one line`);
    const part = partNamed(values, name, "const, alias or one-line fn");
    result[part.line] = `${part.head}${part.isFunction ? ` ${text} }` : `${text};`}${part.tail}`;
  }
  for (const [name, binding] of Object.entries(bindings)) {
    const part = partNamed(storage, name, "storage binding");
    result[part.line] = binding
      ? `${declareBinding(name, binding, part.head)}${part.tail}`
      : part.tail;
  }
  return result.join("\n");
}

/** The names of the storage bindings that a shader declares. */
export const storageNames = (wgsl: string): string[] => [...partsOf(wgsl).storage.keys()];

/** The WGSL declaration of a storage buffer; `declared` is what an array without a type of its own is. */
export function declareBinding(
  name: string,
  { index, access, type, length }: DeclaredBinding,
  declared = "",
): string {
  const given = length === undefined ? `array<${type}>` : `array<${type}, ${length}>`;
  const array = type === undefined ? declared : given;
  return `@group(0) @binding(${index}) var<storage, ${access}> ${name}: ${array};`;
}

/** A declaration that can be replaced: its line, and what stays before and behind its value. */
interface Declaration {
  line: number;
  head: string;
  tail: string;
  isFunction: boolean;
}

interface Declarations {
  lines: readonly string[];
  values: ReadonlyMap<string, Declaration>;
  storage: ReadonlyMap<string, Declaration>;
}

const VALUE =
  /^(?:((?:const (\w+)(?: *:[^=;]*)?|alias (\w+)) = )[^;]*;(.*)|(fn (\w+)\([^{]*\{).*\})$/;
const STORAGE = /^@group\(0\) @binding\(\d+\) var<storage[^>]*> (\w+): ([^;]*);(.*)$/;

/** The parts of shaders that have been taken apart: a program links the same few again and again. */
const known = new Map<string, Declarations>();
const MOST_KNOWN = 16;

function partsOf(wgsl: string): Declarations {
  const found = known.get(wgsl);
  if (found) return found;
  const lines = wgsl.split("\n");
  const values = new Map<string, Declaration>();
  const storage = new Map<string, Declaration>();
  lines.forEach((text, line) => {
    const value = VALUE.exec(text);
    if (value) {
      const [, head, constant, alias, tail, fn, functionName] = value;
      const name = constant ?? alias ?? functionName;
      if (!values.has(name)) {
        values.set(name, { line, head: head ?? fn, tail: tail ?? "", isFunction: !head });
      }
    }
    const binding = STORAGE.exec(text);
    if (binding) {
      const [, name, head, tail] = binding;
      storage.set(name, { line, head, tail, isFunction: false });
    }
  });
  const parts = { lines, values, storage };
  if (known.size < MOST_KNOWN) known.set(wgsl, parts);
  return parts;
}

function partNamed(
  parts: ReadonlyMap<string, Declaration>,
  name: string,
  kind: string,
): Declaration {
  const part = parts.get(name);
  if (!part) throw new Error(`link: the shader declares no ${kind} named ${name}`);
  return part;
}
