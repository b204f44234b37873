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

/** Names that are no members. */
const NAME = /(?<![\w.])[A-Za-z_]\w*/g;
const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".split("");

/** A function whose parameters and variables have names of one letter, other than what it mentions and `taken`. */
function shorten(code: string, taken: ReadonlySet<string>): string {
  const header = code.slice(0, code.indexOf("{"));
  const declared = [...header.matchAll(/(\w+):/g), ...code.matchAll(/\b(?:let|var) (\w+)/g)];
  const own = new Set(declared.map(([, name]) => name));
  const mentioned = [...code.matchAll(NAME)].map(([name]) => name);
  const others = new Set([...taken, ...mentioned.filter((name) => !own.has(name))]);
  const free = LETTERS.filter((letter) => !others.has(letter));
  const short = new Map([...own].map((name, i) => [name, free[i] ?? name]));
  // Where there are more names than letters, one that stays may be the letter of another.
  return own.size > free.length ? code : code.replace(NAME, (name) => short.get(name) ?? name);
}

/**
 * WGSL without comments and needless spaces, each function on one line, and with short names of what only one of several
 * lines sees. What is declared outside of functions keeps its spacing and its line, and functions of one line their names:
 * `link()` finds declarations by their lines, and replaces the bodies of such functions.
 */
export function minifyWgsl(code: string): string {
  let depth = 0;
  /** Declarations, and functions of several lines as a whole. */
  const parts: string[] = [];
  for (const line of stripComments(code)
    .split("\n")
    .map((text) => text.trim())) {
    const isInside = depth > 0;
    const text = isInside || line.startsWith("fn ") ? squeeze(line) : line;
    if (isInside && text) parts.push(`${parts.pop()}\n${text}`);
    else if (text) parts.push(text);
    for (const [brace] of line.matchAll(/[{}]/g)) depth += brace === "{" ? 1 : -1;
  }
  const declared = parts.map(
    (part) => /\b(?:fn|const|alias|var(?:<[^>]*>)?) (\w+)/.exec(part)?.[1] ?? "",
  );
  const taken = new Set(declared);
  const isLong = (part: string) => part.startsWith("fn ") && part.includes("\n");
  const short = (part: string) => squeeze(shorten(part, taken).replaceAll("\n", " "));
  return `${parts.map((part) => (isLong(part) ? short(part) : part)).join("\n")}\n`;
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
