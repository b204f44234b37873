import { join } from "node:path";
import type { Plugin } from "vite";
import type { Example } from "../../../scripts/reference/model.ts";

const root = join(import.meta.dirname, "../../..");

/** What the programs are imported by, and where they are as if they were a file. */
const [source, file] = ["virtual:programs", join(root, "demo/reference/virtual-programs.ts")];

/** A file that is there, in the same folder. */
const neighbour = join(root, "demo/reference/worker.ts");

/** What a program is called by links, and by whoever runs it. */
export const idOf = ({ file, title }: Pick<Example, "file" | "title">): string =>
  `p-${file.replace(".test.ts", "")}-${title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")}`;

const isType = (name: string) => name.startsWith("type ");

/** Types after what there is, each in the order of the alphabet. */
const sorted = (names: readonly string[]) =>
  names.toSorted((a, b) => Number(isType(a)) - Number(isType(b)) || a.localeCompare(b));

/** The imports of some programs, as they are written. */
export function importsOf(programs: readonly Pick<Example, "imports">[]): string[] {
  const all: Record<string, string[]> = {};
  for (const { imports } of programs)
    for (const [from, names] of Object.entries(imports)) (all[from] ??= []).push(...names);
  return Object.entries(all).flatMap(([from, given]) => {
    const names = new Set(given);
    const spaces = [...names].filter((name) => name.startsWith("*"));
    // A class that one program makes, and another has as a type, is imported once.
    const named = [...names].filter(
      (name) => !name.startsWith("*") && !(isType(name) && names.has(name.slice("type ".length))),
    );
    const clauses = [...spaces, ...(named.length > 0 ? [`{ ${sorted(named).join(", ")} }`] : [])];
    return clauses.map((clause) => `import ${clause} from "${from}";`);
  });
}

/** A module that has the programs of the reference by their ids, each a function of `expect` and the backend. */
async function moduleOf(): Promise<string> {
  // The compiler is loaded where there is something to read.
  const { readExamples } = await import("../../../scripts/reference/examples.ts");
  const examples = await readExamples(join(root, "tests/api"));
  const whole = examples.filter(({ isWhole }) => isWhole);
  const entries = whole.map(
    (example) =>
      `${JSON.stringify(idOf(example))}: async (expect: any, backend: string) => {\n${example.code}\n},`,
  );
  return `${importsOf(whole).join("\n")}\nexport default {\n${entries.join("\n")}\n};`;
}

/** Gives `import programs from "virtual:programs"` what the reference offers to run. */
export const programs = (): Plugin => ({
  name: "programs",
  enforce: "pre",
  resolveId(id, importer) {
    if (id === source) return file;
    // A file that is not there has no paths of a tsconfig: "cotangent" would be the package, as it was built last.
    return importer === file ? this.resolve(id, neighbour, { skipSelf: true }) : null;
  },
  load: (id) => (id === file ? moduleOf() : null),
});
