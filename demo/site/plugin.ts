import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import temml from "temml";
import type { Plugin } from "vite";
import { escapeHtml, highlight } from "./code.ts";
import { cachedApi } from "../../scripts/reference/cached.ts";
import { renderReference } from "./reference/render.ts";
import { pages, type PageInfo } from "./pages.ts";
import { runHtml } from "./program/html.ts";

const root = join(import.meta.dirname, "..");

const fileOf = ({ name }: PageInfo) => (name === "index" ? "./" : `./${name}.html`);

const mark = `<svg viewBox="0 0 32 32" aria-hidden="true">
  <path class="axis" d="M2 16H30M6 3V29M26 3V29" />
  <path class="curve" d="M8 3C9 12.5 13 15 16 16S23 19.5 24 29" />
</svg>`;

function navigation(current: PageInfo): string {
  const items = pages
    .filter(({ nav }) => nav)
    .map((page) => {
      const here = page === current ? ' aria-current="page"' : "";
      return `<li><a href="${fileOf(page)}"${here}>${page.nav}</a></li>`;
    });
  return `<nav aria-label="Pages"><ul>${items.join("")}</ul></nav>`;
}

/** Pictures of links have to be absolute: SITE_URL says where the site will be. */
const pictureOf = ({ name, nav }: PageInfo) =>
  new URL(
    `share/${nav ? name : "index"}.png`,
    process.env["SITE_URL"] ?? "https://site.invalid/",
  ).href.replace("https://site.invalid/", "./");

function head(page: PageInfo): string {
  const { name, title, description } = page;
  const own = [`./${name}/page.css`].filter((path) => existsSync(join(root, path)));
  const styles = ["./site/site.css", ...own];
  return `<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
<title>${escapeHtml(title)}</title>
<meta name="description" content="${escapeHtml(description)}" />
<meta property="og:title" content="${escapeHtml(title)}" />
<meta property="og:description" content="${escapeHtml(description)}" />
<meta property="og:image" content="${pictureOf(page)}" />
<meta name="twitter:card" content="summary_large_image" />
<link rel="icon" href="./mark.svg" type="image/svg+xml" />
${styles.map((href) => `<link rel="stylesheet" href="${href}" />`).join("\n")}
<script type="module" src="./${name}/main.tsx"></script>`;
}

const device = `<p class="device" id="device"><b>Looking for a GPU …</b><span>through WebGPU</span></p>`;

const noscript = "<noscript>This page needs JavaScript: please turn it on.</noscript>";

const footer = `<footer>
  <p>Everything on this page is computed in this tab, and nothing is sent anywhere. The address holds what you set, so a link brings it back.</p>
  <p data-unplug hidden>What if the GPU is lost in the middle of it? <button type="button" class="link">Take it away</button></p>
</footer>`;

const figureActions = /<figure-actions(\s+hood)?\s*><\/figure-actions>/g;

/** The buttons of a figure; where it shows a network, the way to what becomes of that on the GPU. */
const actionsOf = ({ name }: PageInfo, hasNetwork: boolean) => `<p class="actions">
  <button type="button" data-action="reset">Reset</button>
  <button type="button" data-action="link">Copy link</button>
  <button type="button" data-action="picture">Save as PNG</button>
  ${hasNetwork ? `<a data-hood="${name}" href="./hood.html#net=${name}">Under the hood</a>` : ""}
</p>`;

/** The tag of a page's script, as Vite writes it. */
const scriptOfPage = /<script type="module"(?=[^>]* src=)/;

const code = /<source-code\s+src="([^"]+)"(?:\s+editable="([^"]*)")?\s*><\/source-code>/g;
const formula = /<tex-math(\s+display)?\s*>([^<]*)<\/tex-math\s*>/g;

const unescaped = (text: string) =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** Calls an async `replace` for each match. */
async function replaceAsync(
  text: string,
  pattern: RegExp,
  replace: (match: RegExpMatchArray) => Promise<string>,
): Promise<string> {
  const found = await Promise.all([...text.matchAll(pattern)].map(replace));
  return text.replace(pattern, () => found.shift() ?? "");
}

const program = /<run-program\s+name="([^"]+)"\s+lines="(\d+)"\s*><\/run-program>/g;

/** The API in the place of <api-index> and <api-entries>. */
async function withReference(html: string): Promise<string> {
  if (!html.includes("<api-entries>")) return html;
  const api = await cachedApi(join(root, ".."));
  const { index, entries } = await renderReference(api);
  return html
    .replace("<api-index></api-index>", () => index)
    .replace("<api-entries></api-entries>", () => entries)
    .replace("<api-count></api-count>", String(api.things.length));
}

/** A page's own <main> with its code, formulas and the buttons of its figures written out, in the frame that all have. */
export async function renderPage(page: PageInfo, main: string): Promise<string> {
  const highlighted = await replaceAsync(main, code, async ([, path, editable = ""]) =>
    highlight(await readFile(join(root, path), "utf8"), editable.split(" ").filter(Boolean)),
  );
  const body = (await withReference(highlighted))
    .replace(formula, (_, display, tex: string) =>
      temml.renderToString(unescaped(tex), { displayMode: Boolean(display), throwOnError: true }),
    )
    .replace(program, (_, name: string, lines: string) => runHtml(name, Number(lines)))
    .replace(figureActions, (_, hood) => actionsOf(page, Boolean(hood)))
    .replace("<main", '<main id="main" tabindex="-1"');
  return `<!doctype html>
<html lang="en">
<head>
${head(page)}
</head>
<body class="${page.name}">
<a class="skip" href="#main">Skip to the page</a>
<header class="masthead">
<a class="brand" href="./">${mark} Cotangent</a>
${navigation(page)}
${page.isText ? "" : device}
</header>
${body}
${page.isText ? "" : footer}
<div class="notices" id="notices" role="alert"></div>
${page.isText ? "" : noscript}
</body>
</html>`;
}

/** The page of a file in the list. */
function pageAt(path: string): PageInfo {
  const name = /([^/]+)\.html$/.exec(path)?.[1];
  const page = pages.find((each) => each.name === name);
  if (!page) throw new Error(`${path} is not in the list of pages, demo/site/pages.ts`);
  return page;
}

/** Gives the pages of the list their head, navigation and footer; `demo/<name>.html` holds a page's own <main>. */
export const site = (): Plugin[] => [
  {
    name: "site",
    transformIndexHtml: {
      order: "pre",
      handler: (html, { path }) => renderPage(pageAt(path), html),
    },
  },
  {
    // Controls are made by a page's script: what is painted before it has run would move when they come.
    name: "site-first-paint",
    transformIndexHtml: {
      order: "post",
      handler: (html, { path }) =>
        pageAt(path).isText ? html : html.replace(scriptOfPage, '$& blocking="render"'),
    },
  },
];
