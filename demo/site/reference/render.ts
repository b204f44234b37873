import type {
  Example,
  Member,
  Reference,
  Signature,
  Thing,
} from "../../../scripts/reference/model.ts";
import { escapeHtml, highlight, highlightLine } from "../code.ts";
import { runHtml } from "../program/html.ts";
import { groups, type Group } from "./groups.ts";
import { idOf, importsOf } from "./programs.ts";
import { inline, paragraphs, type Place } from "./words.ts";

/** Examples for one name, the shortest first. */
const most = 3;

/** Lines that a program has room for below it; more are scrolled to. */
const mostLines = 6;

/** The API as the page shows it: an index of all names by groups, what each does, and the programs that use them. */
export async function renderReference(api: Reference): Promise<{ index: string; entries: string }> {
  const grouped = groups.map((group) => ({ group, things: inGroup(group, api.things) }));
  const placed = new Set(grouped.flatMap(({ things }) => things));
  const lost = api.things.filter((thing) => !placed.has(thing));
  if (lost.length > 0) {
    const names = lost.map(({ name, file }) => `${name} of ${file}`).join(", ");
    throw new Error(`demo/site/reference/groups.ts has no group for ${names}`);
  }
  const renderer = new Renderer(api);
  const index = grouped.map(({ group, things }) => indexOf(group, things)).join("");
  const sections = await Promise.all(
    grouped.map(async ({ group, things }) => {
      const articles = await Promise.all(things.map((thing) => renderer.article(thing)));
      return `<section class="group" id="${group.id}" aria-labelledby="${group.id}-title">
<h2 id="${group.id}-title">${group.title}</h2>
<p class="hint">${escapeHtml(group.words)}</p>
${articles.join("\n")}
</section>`;
    }),
  );
  return { index, entries: sections.join("\n") + (await renderer.examples()) };
}

function inGroup({ files }: Group, things: readonly Thing[]): Thing[] {
  const placeOf = ({ file }: Thing) => files.indexOf(file.replace(/^src\//, ""));
  const isWord = ({ kind }: Thing) => Number(kind === "interface" || kind === "type");
  // The types that belong to functions come after them.
  return things
    .filter((thing) => placeOf(thing) >= 0)
    .sort((a, b) => placeOf(a) - placeOf(b) || isWord(a) - isWord(b));
}

const indexOf = ({ id, title }: Group, things: readonly Thing[]) =>
  `<section data-group="${id}"><h2><a href="#${id}">${title}</a></h2><ul>${things
    .map(({ name }) => `<li><a href="#${name}">${name}</a></li>`)
    .join("")}</ul></section>`;

class Renderer {
  readonly #names: ReadonlyMap<string, string>;
  readonly #examples: readonly Example[];
  readonly #shown = new Set<Example>();

  constructor({ things, examples }: Reference) {
    // Types are named without their namespace in signatures.
    const short = things.map(({ name }) => [name.slice(name.lastIndexOf(".") + 1), name] as const);
    const full = things.map(({ name }) => [name, name] as const);
    this.#names = new Map([...short.filter(([name]) => /^[A-Z]/.test(name)), ...full]);
    this.#examples = examples.toSorted((a, b) => a.code.length - b.code.length);
  }

  readonly #place: Place = (name) => this.#names.get(name);

  async article(thing: Thing): Promise<string> {
    const { name, from, summary, signatures, members, bases, isMethod, text } = thing;
    const code = await this.#code([
      ...signatures.map((call) => call.text),
      ...(text ? [text] : []),
    ]);
    const short = name.slice(name.lastIndexOf(".") + 1);
    const also = isMethod ? `, and a method of tensors: <code>x.${short}(…)</code>` : "";
    const rows = await Promise.all(members.map((member) => this.#member(member, name)));
    const based =
      bases.length > 0
        ? `<p class="bases">With all that ${bases.map((base) => this.#base(base)).join(" and ")} has.</p>`
        : "";
    return `<article id="${name}" data-kind="${thing.kind}">
<header><h3><a href="#${name}">${name}</a></h3>
<p class="from">${kindWords[thing.kind]} of <code>${from}</code>${also}</p></header>
${code}
<div class="words">${paragraphs(summary, this.#place)}</div>
${signatures.map((call) => this.#call(call)).join("")}
${based}
${rows.length > 0 ? `<dl class="members">${rows.join("")}</dl>` : ""}
${this.#uses(thing)}
</article>`;
  }

  #base(base: string): string {
    const name = base.replace(/<.*$/, "");
    const place = this.#place(name);
    const code = `<code>${escapeHtml(base)}</code>`;
    return place ? `<a href="#${place}">${code}</a>` : code;
  }

  async #code(lines: readonly string[]): Promise<string> {
    if (lines.length === 0) return "";
    const html = await Promise.all(lines.map((line) => highlightLine(line, this.#place)));
    return `<pre class="code" tabindex="0"><code>${html.join("\n")}</code></pre>`;
  }

  #call({ parameters, returns, throws }: Signature): string {
    const rows = [
      ...parameters.map(({ name, doc }) => [`<code>${escapeHtml(name)}</code>`, doc]),
      ...(returns ? [["gives", returns.doc]] : []),
      ...throws.map(({ error, doc }) => [
        `throws <a href="#${error}"><code>${error}</code></a>`,
        doc,
      ]),
    ].filter(([, doc]) => doc);
    if (rows.length === 0) return "";
    const list = rows.map(
      ([term, doc]) => `<div><dt>${term}</dt><dd>${inline(doc, this.#place)}</dd></div>`,
    );
    return `<dl class="call">${list.join("")}</dl>`;
  }

  async #member(member: Member, owner: string): Promise<string> {
    const { name, text, summary, signatures } = member;
    const lines = signatures.length > 0 ? signatures.map((call) => call.text) : [text];
    const html = await Promise.all(lines.map((line) => highlightLine(line, this.#place)));
    const calls = signatures.map((call) => this.#call(call)).join("");
    return `<div id="${owner}.${escapeHtml(name)}"><dt class="code"><code>${html.join("<br>")}</code></dt>
<dd>${paragraphs(summary, this.#place)}${calls}</dd></div>`;
  }

  #uses({ name, isMethod, kind }: Thing): string {
    if (kind === "type" || kind === "interface") return "";
    const found = this.#examples.filter(
      ({ uses }) => uses.includes(name) || (isMethod && uses.includes(`.${name}`)),
    );
    const chosen = found.slice(0, most);
    if (chosen.length === 0) return "";
    const links = chosen.map((example) => {
      this.#shown.add(example);
      return `<a href="#${idOf(example)}">${escapeHtml(example.title)}</a>`;
    });
    return `<p class="uses">In programs: ${links.join("; ")}</p>`;
  }

  /** All programs that were linked to; after the articles. */
  async examples(): Promise<string> {
    const shown = [...this.#shown].sort(
      (a, b) => a.file.localeCompare(b.file) || a.title.localeCompare(b.title),
    );
    const articles = await Promise.all(
      shown.map(
        async (example) => `<article id="${idOf(example)}" class="example">
<h3><a href="#${idOf(example)}">${escapeHtml(example.title)}</a></h3>
<p class="from">tests/api/${example.file}</p>
${await this.#program(example)}
</article>`,
      ),
    );
    return `<section class="group" id="g-programs" aria-labelledby="g-programs-title">
<h2 id="g-programs-title">Programs</h2>
<p class="hint">Tests of the library, as they run on each change: on the GPU and on the reference, in Node and in a browser. Here, <code>expect</code> writes what it is given.</p>
${articles.join("\n")}
</section>`;
  }

  /** Its code, and where it needs nothing but the library, what runs it. */
  async #program(example: Example): Promise<string> {
    const { title, code, isWhole } = example;
    if (!isWhole) return highlight(code, []);
    const html = await highlight(`${importsOf([example]).join("\n")}\n\n${code}`, []);
    const lines = Math.min(code.match(/\bexpect\(/g)?.length ?? 1, mostLines);
    return `<div class="program" data-program="${idOf(example)}">${html}\n${runHtml(title, lines)}</div>`;
  }
}

const kindWords = {
  function: "A function",
  class: "A class",
  interface: "An object type",
  type: "A type",
  constant: "A constant",
};
