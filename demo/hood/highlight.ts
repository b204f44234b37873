import { createCssVariablesTheme, createHighlighterCoreSync } from "shiki/core";
import { createJavaScriptRegexEngine } from "shiki/engine/javascript";
import wgsl from "shiki/langs/wgsl.mjs";

// Loaded when the first program's source is looked at.

const highlighter = createHighlighterCoreSync({
  themes: [createCssVariablesTheme({ name: "ink", variablePrefix: "--code-" })],
  langs: [wgsl],
  engine: createJavaScriptRegexEngine(),
});

/** Lines as far in as braces are open: the site has its shaders without that. */
function indented(source: string): string {
  let depth = 0;
  const lines = source.split("\n").map((line) => {
    const text = line.trim();
    const count = (brace: string) => text.split(brace).length - 1;
    const own = depth - (text.startsWith("}") ? 1 : 0);
    depth += count("{") - count("}");
    return "  ".repeat(Math.max(own, 0)) + text;
  });
  return lines.join("\n");
}

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** WGSL as HTML, a line at a time. */
export const highlightWgsl = (source: string): string =>
  highlighter
    .codeToTokensBase(indented(source.trimEnd()), {
      lang: "wgsl",
      theme: "ink",
      tokenizeTimeLimit: 0,
    })
    .map((tokens) =>
      tokens
        .map(({ content, color }) =>
          color ? `<span style="color:${color}">${escaped(content)}</span>` : escaped(content),
        )
        .join(""),
    )
    .join("\n");
