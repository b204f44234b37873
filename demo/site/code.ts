import { createHighlighterCore, createCssVariablesTheme } from "shiki/core";
import { createJavaScriptRegexEngine } from "shiki/engine/javascript";
import typescript from "shiki/langs/typescript.mjs";

// Built with the site; no page loads any of this.

const theme = createCssVariablesTheme({ name: "ink", variablePrefix: "--code-" });

const highlighter = createHighlighterCore({
  themes: [theme],
  langs: [typescript],
  engine: createJavaScriptRegexEngine(),
});

export const escapeHtml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

/** A number in the code that can be typed over; the page's script binds it to the setting of its name. */
const literal = (name: string, value: string) =>
  `<input class="literal" data-setting="${name}" aria-label="${name}" value="${value}" size="${value.length}" inputmode="decimal" autocomplete="off" spellcheck="false">`;

const tokensOf = async (source: string) =>
  (await highlighter).codeToTokensBase(source, {
    lang: "typescript",
    theme: "ink",
    // A line that takes long on a busy machine is coloured all the same.
    tokenizeTimeLimit: 0,
  });

const colored = (html: string, color: string | undefined) =>
  color ? `<span style="color:${color}">${html}</span>` : html;

/** A declaration without its keyword, as HTML; names that have a place on the page link to it. */
export async function highlightLine(
  source: string,
  place: (name: string) => string | undefined,
): Promise<string> {
  const keyword = /^(type|new) /.test(source)
    ? ""
    : /^[\w.]+(<.*>)?\(/.test(source)
      ? "function "
      : "let ";
  const [tokens] = await tokensOf(keyword + source);
  let skipped = 0;
  return tokens
    .map(({ content, color }) => {
      const text = content.slice(Math.max(keyword.length - skipped, 0));
      skipped += content.length;
      const words = text.split(/(\b[A-Za-z]\w*\b)/).map((word) => {
        const to = /^[A-Z]/.test(word) ? place(word) : undefined;
        return to ? `<a href="#${to}">${word}</a>` : escapeHtml(word);
      });
      return colored(words.join(""), color);
    })
    .join("");
}

/** TypeScript as HTML; the default values of the parameters that are named in `editable` become fields. */
export async function highlight(source: string, editable: readonly string[]): Promise<string> {
  const lines = await tokensOf(source.trimEnd());
  const left = new Set(editable);
  const html = lines.map((tokens) => {
    let before = "";
    return tokens
      .map(({ content, color }) => {
        const name = /(\w+)\s*=\s*$/.exec(before)?.[1];
        before += content;
        const space = /^\s*/.exec(content)?.[0] ?? "";
        const text = content.trim();
        if (name && /^[\d.]/.test(text) && left.delete(name)) return space + literal(name, text);
        return color ? colored(escapeHtml(content), color) : content;
      })
      .join("");
  });
  if (left.size > 0) throw new Error(`the code has no number named ${[...left].join(", ")}`);
  // Wider than the page it scrolls, by keyboard too.
  return `<pre class="code" tabindex="0"><code>${html.join("\n")}</code></pre>`;
}
