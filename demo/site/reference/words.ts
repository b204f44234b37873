import { escapeHtml } from "../code.ts";

/** Where a name of the API stands on its page; undefined for what is none. */
export type Place = (name: string) => string | undefined;

const linked = (html: string, place: string | undefined) =>
  place ? `<a href="#${place}">${html}</a>` : html;

/** The words of a docstring, in which `names` link to where they stand; no paragraphs. */
export const inline = (text: string, place: Place): string =>
  escapeHtml(text.replace(/\{@link (\S+)\}/g, "`$1`")).replace(/`([^`]+)`/g, (_, code: string) =>
    linked(`<code>${code}</code>`, place(code.replace(/\(.*$/, ""))),
  );

/** A docstring as HTML: paragraphs, and lists of lines that begin with a dash. */
export function paragraphs(text: string, place: Place): string {
  return text
    .split(/\n{2,}/)
    .filter((part) => part.trim())
    .map((part) => {
      const [before, ...items] = part.split(/^- /m);
      const words = before.trim() ? `<p>${inline(before.trim(), place)}</p>` : "";
      const list = items.map((item) => `<li>${inline(item.trim(), place)}</li>`).join("");
      return words + (list ? `<ul>${list}</ul>` : "");
    })
    .join("");
}
