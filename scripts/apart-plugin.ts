import { readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import type { Plugin } from "vite";

// Every program loads the ops behind the fluent methods, and only the reference needs the rules that their records state
// for it. So each of these modules is built twice: ops/softmax.js without these rules, and ops/softmax.reference.js with
// nothing else in its records. src/backends/cpu/apart.ts, which the reference alone loads, is built as the list of them.

const SOURCE = join(import.meta.dirname, "../src");

/** Modules that every program loads, with ops in them. */
const modules = [
  "activations arithmetic broadcast cast compare cross-entropy exponential iota matmul movement norm",
  "piecewise reduce rounding slice softmax statistics trigonometric ../random/draws",
]
  .flatMap((line) => line.split(" "))
  .map((name) => join(SOURCE, `ops/${name}.ts`));

const GATHERED = join(SOURCE, "backends/cpu/apart.ts");

const SUFFIX = ".reference.ts";
const moduleBehind = (id: string) => id.replace(SUFFIX, ".ts");

/** What records state for the reference alone; each that does has its name beside it. */
const RULES = ["cpu", "real", "integer", "complex"];

/** What is read of the nodes of a syntax tree. */
interface Node {
  type: string;
  start: number;
  end: number;
  properties?: Node[];
  key?: { name?: string };
}

/** All object literals within a node. */
function literalsIn(node: Node): Node[] {
  const inner = Object.values(node)
    .flat()
    .filter((part: Node | null): part is Node => typeof part?.type === "string")
    .flatMap(literalsIn);
  return node.type === "ObjectExpression" ? [node, ...inner] : inner;
}

const keyOf = ({ key }: Node) => key?.name ?? "";

/**
 * A module without what its records state for the reference, or with nothing else in these, and a list of them. Lines
 * stay where they are, for source maps.
 */
export function takeApart(code: string, program: Node, forReference: boolean): string {
  const edits: { start: number; end: number; text: string }[] = [];
  for (const { start, end, properties = [] } of literalsIn(program)) {
    if (!properties.some((property) => RULES.includes(keyOf(property)))) continue;
    for (const [i, property] of properties.entries()) {
      const isRule = RULES.includes(keyOf(property));
      if (forReference ? isRule || keyOf(property) === "name" : !isRule) continue;
      const next = properties[i + 1]?.start ?? end - 1;
      const lines = code.slice(property.start, next).replace(/[^\n]/g, "");
      edits.push({ start: property.start, end: next, text: lines });
    }
    if (!forReference) continue;
    edits.push({ start, end: start, text: "$record(" }, { start: end, end, text: ")" });
  }
  let text = code;
  for (const edit of edits.toSorted((a, b) => b.start - a.start || b.end - a.end)) {
    text = text.slice(0, edit.start) + edit.text + text.slice(edit.end);
  }
  if (!forReference) return text;
  const list = "export const $records = []; const $record = (op) => ($records.push(op), op);";
  return `${list} ${text}`;
}

/** The module that gathers the records of all others. */
function gathering(): string {
  const pathOf = (file: string) => relative(dirname(GATHERED), file).replace(/\.ts$/, SUFFIX);
  const imports = modules.map((file, i) => `import { $records as r${i} } from "${pathOf(file)}";`);
  const all = modules.map((_, i) => `...r${i}`).join(", ");
  return `${imports.join("\n")}
export const apart = new Map([${all}].map((op) => [op.name, op]));`;
}

/** Takes out of the modules that every program loads what only the reference needs. */
export const apart = (): Plugin => ({
  name: "apart",
  apply: "build",
  resolveId(source, importer) {
    return importer === GATHERED && source.endsWith(SUFFIX)
      ? resolve(dirname(importer), source)
      : null;
  },
  load(id) {
    if (id === GATHERED) return gathering();
    return id.endsWith(SUFFIX) ? readFile(moduleBehind(id), "utf8") : null;
  },
  transform(code, id) {
    if (!modules.includes(moduleBehind(id))) return null;
    return { code: takeApart(code, this.parse(code), id.endsWith(SUFFIX)), map: null };
  },
});
