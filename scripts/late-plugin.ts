import { readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { build, parseAst, type Plugin } from "vite";
import { apart } from "./apart-plugin.ts";
import { arrows } from "./arrows-plugin.ts";
import type { Node } from "./syntax.ts";

// Where a bundler splits, what a late module shares with those that import it late gets a file of its own, which every
// page loads, and two files compress less well than one: by esbuild, a program that trains would be 2 % larger. So all
// that is behind src/inspect/late.ts is built as one file that imports nothing. What it shares is lent to it.

const SOURCE = join(import.meta.dirname, "../src");
const LATE = join(SOURCE, "inspect/late.ts");
const LENT = join(SOURCE, "inspect/lent.ts");
const BORROWED = join(SOURCE, "inspect/borrowed.ts");

/** What belongs to that file, by paths in src. */
const OWN =
  /^(backends\/cpu\/[\w-]+|base\/(complex|special|threefry)|graph\/reference|inspect\/(borrowed|late|profile|validate)|.*\.reference)\.ts$/;

interface Import extends Node {
  source: { value: string };
  specifiers: { imported: { name: string } }[];
}

/** What lent.ts lends: names by the files that export them. */
async function readLent(): Promise<Map<string, string[]>> {
  const { body } = parseAst(await readFile(LENT, "utf8"), { lang: "ts" });
  const imports = (body as Node[]).filter(({ type }) => type === "ImportDeclaration") as Import[];
  return new Map(
    imports.map(({ source, specifiers }) => [
      resolve(dirname(LENT), source.value),
      specifiers.map(({ imported }) => imported.name),
    ]),
  );
}

/** What stands for a file that lends: what it lends is another module's, and nothing else of it is needed. */
const LENDS = "?lends";

/** Takes what is lent for what modules import. */
const borrowing = (lent: ReadonlyMap<string, readonly string[]>): Plugin => ({
  name: "borrowing",
  enforce: "pre",
  resolveId(source, importer = "") {
    const file = resolve(dirname(importer), source);
    return lent.has(file) && !importer.endsWith(LENDS) ? file + LENDS : null;
  },
  load: {
    filter: { id: [BORROWED, /\?lends$/] },
    handler(id) {
      if (id === BORROWED) {
        const all = [...lent.values()].flat().join(", ");
        return `export let ${all};\nexport const borrow = (lent) => void ({ ${all} } = lent);`;
      }
      const file = id.slice(0, -LENDS.length);
      const names = lent.get(file)!.join(", ");
      return `export * from "${file}";\nexport { ${names} } from "${BORROWED}";`;
    },
  },
  generateBundle(_, bundle) {
    const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
    for (const { modules } of chunks) {
      for (const [id, { code }] of Object.entries(modules)) {
        const path = relative(SOURCE, id);
        if (code && !id.startsWith("\0") && !OWN.test(path)) {
          this.error(
            `${path} is in late.js, where others have it too: lend it what it needs of it`,
          );
        }
      }
    }
  },
});

/** Builds late.js by itself, beside the modules that import it late. */
export const late = (): Plugin => ({
  name: "late",
  apply: "build",
  enforce: "pre",
  resolveId: {
    filter: { id: /\/late\.ts$/ },
    handler: () => ({ id: "./late.js", external: true }),
  },
  async writeBundle({ dir }) {
    await build({
      configFile: false,
      logLevel: "warn",
      plugins: [borrowing(await readLent()), apart(), arrows()],
      publicDir: false,
      build: {
        target: "es2022",
        sourcemap: true,
        minify: false,
        emptyOutDir: false,
        outDir: join(dir!, "inspect"),
        lib: { entry: LATE, formats: ["es"], fileName: "late" },
      },
    });
  },
});
