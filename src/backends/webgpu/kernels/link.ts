/** A storage buffer as a kernel declares it. */
export interface Binding {
  /** Its number in bind group 0. */
  index: number;
  access: "read" | "read_write";
  /** The element, e.g. "vec4f". */
  type: string;
  /** Elements; without it the array takes its length from the buffer that is bound. */
  length?: number;
}

/** New values by name: of a `const` or `alias`, or the body of a one-line `fn`. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

/**
 * Specialises a shader that is valid as it stands: puts `set` in the place of the values of its
 * `const` and `alias` declarations and of the bodies of its `fn` declarations, each on a line of
 * its own, and `bindings` in the place of its storage bindings. Lines keep their numbers, so a
 * compile error points at the line of the `.wgsl` file; what is `appended` comes after them.
 * An appended `enable …;` goes in front of the first line, where WGSL wants it.
 */
export function link(
  wgsl: string,
  set: Settings,
  appended: readonly string[] = [],
  bindings: Readonly<Record<string, Binding>> = {},
): string {
  for (const [name, value] of Object.entries(set)) wgsl = setValue(wgsl, name, String(value));
  for (const [name, binding] of Object.entries(bindings)) wgsl = setBinding(wgsl, name, binding);

  const isEnable = (line: string) => line.startsWith("enable ");
  const enables = appended.filter(isEnable);
  const declarations = appended.filter((line) => !isEnable(line));
  return [enables.map((line) => `${line} `).join("") + wgsl, ...declarations].join("\n");
}

/** The WGSL declaration of a storage buffer. */
export function declareBinding(name: string, { index, access, type, length }: Binding): string {
  const array = length === undefined ? `array<${type}>` : `array<${type}, ${length}>`;
  return `@group(0) @binding(${index}) var<storage, ${access}> ${name}: ${array};`;
}

function setValue(wgsl: string, name: string, value: string): string {
  if (value.includes("\n")) throw new Error(`link: the value of ${name} has more than one line`);
  return replaceLine(
    wgsl,
    name,
    `(const ${name}(?: *:[^=;]*)? = |alias ${name} = )[^;]*;|(fn ${name}\\([^{]*\\{).*\\}$`,
    (_, head?: string, fn?: string) => (fn ? `${fn} ${value} }` : `${head}${value};`),
    "const, alias or one-line fn",
  );
}

function setBinding(wgsl: string, name: string, binding: Binding): string {
  return replaceLine(
    wgsl,
    name,
    `@group\\(0\\) @binding\\(\\d+\\) var<storage[^>]*> ${name}: [^;]*;`,
    () => declareBinding(name, binding),
    "storage binding",
  );
}

/** Replaces the start of the one line that matches; says what is missing if none does. */
function replaceLine(
  wgsl: string,
  name: string,
  pattern: string,
  replacement: (match: string, ...groups: string[]) => string,
  kind: string,
): string {
  const declaration = new RegExp(`^(?:${pattern})`, "m");
  if (!/^\w+$/.test(name) || !declaration.test(wgsl))
    throw new Error(`link: the shader declares no ${kind} named ${name}`);
  return wgsl.replace(declaration, replacement);
}
