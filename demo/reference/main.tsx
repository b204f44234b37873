import { copyLink } from "../site/copy-link.ts";
import { byId } from "../site/live.ts";
import { offerPrograms } from "../site/program/run.ts";
import { decoded, find } from "./find.ts";

/** Where there is a keyboard, most likely. */
const hasKeys = matchMedia("(hover: hover)");

const field = byId("find", HTMLInputElement);
const story = byId("story", HTMLElement);
const told = story.innerHTML;
const found = byId("found", HTMLElement);
const index = byId("names", HTMLElement);

const items = [...index.querySelectorAll("li")].map((item) => {
  const link = item.querySelector("a")!;
  const article = document.getElementById(link.textContent);
  const textOf = (part: string) => article?.querySelector(part)?.textContent ?? "";
  const members = [...(article?.querySelectorAll(".members > div") ?? [])].map(({ id }) =>
    id.slice(id.lastIndexOf(".") + 1),
  );
  return {
    name: link.textContent,
    words: textOf(".words"),
    members,
    more: textOf(".members") + textOf(".uses"),
    item,
    link,
    article,
  };
});
const groups = [...document.querySelectorAll<HTMLElement>("[data-group], .group")];

/** Milliseconds between two changes of the link. */
const rest = 300;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Shows what answers to the words in the field, and hides the rest. */
function search(): void {
  const query = field.value.trim();
  const answers = find(items, query);
  const shown = new Set(answers);
  for (const each of items) {
    each.item.hidden = !shown.has(each);
    if (each.article) each.article.hidden = !shown.has(each);
  }
  for (const group of groups)
    group.hidden =
      query !== "" && !group.querySelector("li:not([hidden]), article[data-kind]:not([hidden])");
  byId("about", HTMLElement).hidden = query !== "";
  const [best] = answers;
  if (!query) {
    story.innerHTML = told;
    found.textContent = hasKeys.matches ? "/ to search" : "";
  } else {
    const count = answers.length === 1 ? "One name" : `${answers.length || "No"} names`;
    const of = document.createElement("em");
    of.textContent = query;
    story.replaceChildren(`${count} for `, of, ".");
    found.textContent = best ? `Enter: ${best.name}` : "Nothing has this name or says these words.";
  }
}

function follow(): void {
  const { hash } = location;
  const query = /^#search=(.*)$/.exec(hash)?.[1];
  const target = document.getElementById(decoded(hash.slice(1)));
  if (query === undefined && !target) return;
  // What the link leads to has to be there to be seen.
  if (query !== undefined || target?.closest("[hidden]")) {
    field.value = decoded(query ?? "");
    search();
    target?.scrollIntoView();
  }
}

field.addEventListener("input", () => {
  search();
  clearTimeout(timer);
  timer = setTimeout(() => {
    const query = field.value.trim();
    const hash = query ? `#search=${encodeURIComponent(query)}` : "";
    history.replaceState(null, "", location.pathname + location.search + hash);
  }, rest);
});

const visible = () => items.filter(({ item }) => !item.hidden).map(({ link }) => link);

field.addEventListener("keydown", (event) => {
  const [best] = find(items, field.value);
  if (event.key === "Enter" && best) {
    clearTimeout(timer);
    best.link.click();
    best.article?.querySelector("a")?.focus();
  } else if (event.key === "ArrowDown") {
    event.preventDefault();
    visible()[0]?.focus();
  } else if (event.key === "Escape") {
    field.value = "";
    search();
  }
});

index.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const links = visible();
  const at = links.indexOf(document.activeElement as HTMLAnchorElement);
  if (!step || at < 0) return;
  event.preventDefault();
  (links[at + step] ?? field).focus();
});

addEventListener("keydown", (event) => {
  const isTyping = event.target instanceof HTMLInputElement;
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  field.focus();
  field.select();
});

const copy = byId("copy", HTMLButtonElement);
copy.hidden = false;
copy.addEventListener("click", () => void copyLink(location.href));

offerPrograms({
  open: () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }),
});

addEventListener("hashchange", follow);
search();
follow();
