import { readFile } from "node:fs/promises";
import type { Plugin } from "vite";

/** WGSL without comments. Block comments nest; one that spans lines leaves its line breaks. */
function stripComments(code: string): string {
  const outside = /\/\/[^\n]*|\/\*|[^]/y;
  const inside = /\/\*|\*\/|[^]/y;
  let text = "";
  let depth = 0;
  for (let at = 0; at < code.length;) {
    const pattern = depth > 0 ? inside : outside;
    pattern.lastIndex = at;
    const token = pattern.exec(code)?.[0] ?? "";
    at += token.length;
    if (token === "/*") depth++;
    else if (token === "*/") depth--;
    else if (token === "\n" || (depth === 0 && !token.startsWith("//"))) text += token;
    // A block comment separates words.
    if (token === "*/") text += " ";
  }
  return text;
}

const word = /\w/;
const operator = /[-+*/&|<>=!%^~]/;

/** Drops the spaces that separate neither two words nor two operators (`a - -b`, `a & &b`). */
const squeeze = (line: string) =>
  line.replace(/(\S)\s+(?=(\S))/g, (_, left: string, right: string) =>
    [word, operator].some((kind) => kind.test(left) && kind.test(right)) ? `${left} ` : left,
  );

/**
 * WGSL without comments, indentation and needless spaces. What is declared outside of functions keeps its
 * spacing, and every line stays a line of its own: `link()` finds declarations by their lines.
 */
export function minifyWgsl(code: string): string {
  let depth = 0;
  const lines: string[] = [];
  for (const line of stripComments(code)
    .split("\n")
    .map((text) => text.trim())) {
    if (line) lines.push(depth > 0 || line.startsWith("fn ") ? squeeze(line) : line);
    for (const [brace] of line.matchAll(/[{}]/g)) depth += brace === "{" ? 1 : -1;
  }
  return `${lines.join("\n")}\n`;
}

/** Minifies what `import text from "./x.wgsl?raw"` gives in a build; elsewhere shaders stay as written. */
export const wgsl = (): Plugin => ({
  name: "wgsl",
  apply: "build",
  enforce: "pre",
  load: {
    filter: { id: /\.wgsl\?raw$/ },
    async handler(id) {
      const code = await readFile(id.replace(/\?raw$/, ""), "utf8");
      return {
        code: `export default ${JSON.stringify(minifyWgsl(code))}`,
        moduleType: "js",
        moduleSideEffects: false,
      };
    },
  },
});
