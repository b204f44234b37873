import { readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import type { Plugin } from "vite";
import { childrenOf, edited, type Edit, type Node, type Program } from "./syntax.ts";

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

const isRule = ({ key }: Node) => RULES.includes(key?.name ?? "");

/** The records within a node that state rules for the reference. */
function recordsIn(node: Node): (Node & { properties: Node[] })[] {
  const inner = childrenOf(node).flatMap(recordsIn);
  const { properties = [] } = node;
  return properties.some(isRule) ? [{ ...node, properties }, ...inner] : inner;
}

/** A module without what its records state for the reference; lines stay where they are, for source maps. */
export function withoutRules(code: string, program: Node): string {
  const edits = recordsIn(program).flatMap(({ end, properties }) =>
    properties.flatMap((property, i) => {
      if (!isRule(property)) return [];
      const { start } = property;
      const next = properties[i + 1]?.start ?? end - 1;
      return { start, end: next, text: code.slice(start, next).replace(/[^\n]/g, "") };
    }),
  );
  return edited(code, edits);
}

/**
 * A module with nothing but that in its records, and a list of them: what makes ops of them falls away, and so does what
 * it passes on from other modules.
 */
export function rulesAlone(code: string, program: Program): string {
  const names: string[] = [];
  const own = program.body.filter(({ type, source }) => !(type.startsWith("Export") && source));
  const passedOn = program.body.filter((statement) => !own.includes(statement));
  const edits = own.flatMap((statement) =>
    recordsIn(statement).flatMap(({ start, end, properties }): Edit[] => {
      const name = `$record${names.length}`;
      names.push(name);
      const kept = properties.filter((p) => isRule(p) || p.key?.name === "name");
      const texts = kept.map((p) => code.slice(p.start, p.end));
      const record = `const ${name} = { ${texts.join(", ")} };\n`;
      return [
        { start: statement.start, end: statement.start, text: record },
        { start, end, text: name },
      ];
    }),
  );
  const dropped = passedOn.map(({ start, end }) => ({ start, end, text: "" }));
  return `${edited(code, [...edits, ...dropped])}\nexport const $records = [${names.join(", ")}];\n`;
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
  resolveId: {
    filter: { id: /\.reference\.ts$/ },
    handler: (source, importer) => ({
      id: resolve(dirname(importer!), source),
      moduleSideEffects: false,
    }),
  },
  load: {
    filter: { id: [GATHERED, /\.reference\.ts$/] },
    handler: (id) => (id === GATHERED ? gathering() : readFile(moduleBehind(id), "utf8")),
  },
  transform: {
    filter: { id: [...modules, /\.reference\.ts$/] },
    handler(code, id) {
      const program = this.parse(code);
      return id.endsWith(SUFFIX)
        ? { code: rulesAlone(code, program), map: { mappings: "" } }
        : { code: withoutRules(code, program), map: null };
    },
  },
});
