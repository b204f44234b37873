import type { ReadonlySignal } from "@preact/signals-core";
import type { Adapter } from "../adapter.ts";
import { showAdapter } from "./badge.tsx";
import { byId } from "./live.ts";
import { Settings, type Fields } from "./settings.ts";

/** Milliseconds between two changes of the link. */
const rest = 300;

/** The link to the page Under the hood that shows the network of a page as this link of it has it. */
const hoodLink = (page: string, link: string): string =>
  `./hood.html#${new URLSearchParams({ net: page, with: link.replace(/^#/, "") })}`;

/** Settings that begin as the page's link says, and that the link follows. */
export function linked<F extends Fields>(fields: F): Settings<F> {
  const settings = new Settings(fields, location.hash);
  const write = () =>
    history.replaceState(null, "", location.pathname + location.search + settings.link);
  // Browsers refuse a link that changes with every move of a pointer: the first change counts, and then the last.
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStale = false;
  settings.onChange(() => {
    isStale = timer !== undefined;
    if (isStale) return;
    write();
    timer = setTimeout(() => {
      timer = undefined;
      if (isStale) write();
    }, rest);
  });
  addEventListener("hashchange", () => settings.follow(location.hash));
  settings.signal.subscribe(() => {
    for (const link of document.querySelectorAll<HTMLAnchorElement>("[data-hood]"))
      link.href = hoodLink(link.dataset["hood"]!, settings.link);
  });
  return settings;
}

/** The link holds the settings: where one skips to has no place in it. */
function skipWithoutLink(): void {
  document.querySelector(".skip")?.addEventListener("click", (event) => {
    event.preventDefault();
    byId("main", HTMLElement).focus();
  });
}

/** What all pages do alike: the badge, the skip link, the button that takes the GPU away. */
export function furnish(run: {
  adapter: ReadonlySignal<Adapter | null>;
  unplug?: () => void;
}): void {
  showAdapter(run.adapter);
  skipWithoutLink();
  const unplug = document.querySelector<HTMLElement>("[data-unplug]");
  unplug?.querySelector("button")?.addEventListener("click", () => run.unplug?.());
  run.adapter.subscribe((adapter) => {
    if (unplug) unplug.hidden = !run.unplug || adapter?.backend !== "webgpu";
  });
}
