import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { JSHandle, Viewport } from "puppeteer";
import { expect } from "vitest";
import { desktop, narrow, phone, thePage } from "./harness.ts";

/** A picture of what is in view, saved if it has a path; one of more than that would take five times as long. */
async function capture(path?: string): Promise<string> {
  const png = await thePage().screenshot({ encoding: "base64", optimizeForSpeed: true });
  if (path) await writeFile(path, png, "base64");
  return png;
}

/** The pixels of what is in view, which stay in the page. */
async function picture(path?: string): Promise<JSHandle<ImageData>> {
  const png = await capture(path);
  return thePage().evaluateHandle(async (base64) => {
    const blob = await (await fetch(`data:image/png;base64,${base64}`)).blob();
    const image = await createImageBitmap(blob);
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (!context) throw new Error("this browser has no 2D canvas");
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, image.width, image.height);
  }, png);
}

/** Elements in whose part of a picture there are next to no colours. */
const blankIn = (pixels: JSHandle<ImageData>, drawn: readonly string[]): Promise<string[]> =>
  thePage().evaluate(
    ({ data, width, height }, drawn) => {
      const all = new Uint32Array(data.buffer, data.byteOffset);
      return drawn.filter((selector) => {
        const element = document.querySelector(selector);
        if (!element) throw new Error(`there is no ${selector}`);
        const { left, top, right, bottom } = element.getBoundingClientRect();
        const [x0, x1] = [left, right].map((x) => Math.min(Math.max(Math.round(x), 0), width));
        const [y0, y1] = [top, bottom].map((y) => Math.min(Math.max(Math.round(y), 0), height));
        const colors = new Set<number>();
        for (let y = y0; y < y1 && colors.size <= 8; y++)
          for (let x = x0; x < x1; x++) colors.add(all[y * width + x]);
        return colors.size <= 8;
      });
    },
    pixels,
    drawn,
  );

/** Waits until there is something on each of these elements. */
export async function expectDrawn(drawn: readonly string[]): Promise<void> {
  let blank = [...drawn];
  const look = async () => {
    const wanted = blank[0];
    await thePage().$eval(wanted, (element) => element.scrollIntoView({ block: "center" }));
    const pixels = await picture();
    blank = await blankIn(pixels, blank);
    await pixels.dispose();
    return blank.includes(wanted) ? wanted : undefined;
  };
  while (blank.length > 0)
    await expect.poll(look, { timeout: 30_000, message: "blank" }).toBeUndefined();
}

const axe = readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds. */
async function violations(): Promise<string[]> {
  const page = thePage();
  if (!(await page.evaluate("typeof axe !== 'undefined'"))) await page.evaluate(await axe);
  // Whatever is right is left aside: to tell of it takes longer than to find it.
  const found = `axe.run({ resultTypes: ["violations"] }).then(({ violations }) => violations)`;
  const violations = (await page.evaluate(found)) as AxeResults["violations"];
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join("; ")}`);
}

/** Waits for what follows from a new size or theme at once; the pictures of workers may come later. */
const settled = () => thePage().evaluate("new Promise((done) => setTimeout(done, 200))");

/** What is wider than the page, which then scrolls sideways; buttons and a badge that are too narrow for their words. */
const tooWide = () =>
  thePage().evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    const isOut = (element: Element) =>
      scrollWidth > clientWidth && element.getBoundingClientRect().right > clientWidth + 0.5;
    const isCramped = (element: Element) =>
      element.matches("button, .device *") && element.scrollWidth > element.clientWidth;
    return [...document.body.querySelectorAll("*")]
      .filter((element) => isOut(element) || isCramped(element))
      .map((element) => element.outerHTML.slice(0, 80));
  });

/** Texts that change, each as short and as long as it may be; those of `data-longest` are as long as that says. */
const changing = {
  "[data-longest] > *": ["–", ""],
  "#speed, #pace": ["–", "123,456"],
  "#machine": ["on your GPU", "on NVIDIA GeForce RTX 4090 Laptop GPU"],
  ".gauges dd": ["–", "100,000"],
  ".settings output": ["1", "1"],
} satisfies Record<string, [short: string, long: string]>;

/** What moves when all texts that change are as short, or as long, as they may be. */
const unsteady = () =>
  thePage().evaluate((changing) => {
    const subjects = Object.entries(changing).flatMap(([selector, texts]) =>
      [...document.querySelectorAll(selector)].map((element) => {
        const longest = element.parentElement?.dataset["longest"];
        return { element, texts: longest === undefined ? texts : [texts[0], longest] };
      }),
    );
    const others = [...document.body.querySelectorAll("*")].filter(
      (other) =>
        other.checkVisibility() && !subjects.some(({ element }) => element.contains(other)),
    );
    const places = () =>
      others.map((other) => {
        const { left, top, height } = other.getBoundingClientRect();
        return [left, top, height];
      });
    const before = places();
    const kept = subjects.map(({ element }) => [...element.childNodes]);
    const moved = [0, 1].flatMap((which) => {
      for (const { element, texts } of subjects) element.textContent = texts[which];
      const now = places();
      return others.filter((_, i) => now[i].some((at, k) => Math.abs(at - before[i][k]) > 0.5));
    });
    subjects.forEach(({ element }, i) => element.replaceChildren(...kept[i]));
    // All that is below moves too: the first ones tell enough.
    return [...new Set(moved)].slice(0, 8).map((element) => element.outerHTML.slice(0, 80));
  }, changing);

/** What stands on no line with the site's name at the head of the page. */
const belowName = () =>
  thePage().$$eval(".masthead > *", (all) =>
    all
      .filter((element) => {
        const { top, height } = element.getBoundingClientRect();
        const name = all[0].getBoundingClientRect();
        return Math.abs(top + height / 2 - name.top - name.height / 2) > 4;
      })
      .map((element) => element.outerHTML.slice(0, 80)),
  );

/** Contrast of what is no text, as WCAG asks for it. */
const plain = 3;

/** Contrast of bars beside which their numbers stand: to be seen at all. */
const faint = 1.1;

/** Buttons whose words, and bars whose length, cannot be told from what is behind them by such a contrast. */
const unseen = (pixels: JSHandle<ImageData>, least: number): Promise<string[]> =>
  thePage().evaluate(
    ({ data, width }, least) => {
      const linear = (channel: number) =>
        channel <= 10.31475 ? channel / 3294.6 : ((channel / 255 + 0.055) / 1.055) ** 2.4;
      const light = (x: number, y: number) => {
        const at = 4 * (Math.round(y) * width + Math.round(x));
        return 0.2126 * linear(data[at]) + 0.7152 * linear(data[at + 1]) + 0.0722 * linear(data[at + 2]); // prettier-ignore
      };
      const differ = (a: number, b: number) =>
        (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) >= least;
      /** Boxes of elements that nothing lies over. */
      const boxes = (selector: string) =>
        [...document.querySelectorAll(selector)].flatMap((element) => {
          const { left, top, width: wide, height: tall } = element.getBoundingClientRect();
          const middle = document.elementFromPoint(left + wide / 2, top + tall / 2);
          const isSeen = wide > 4 && tall > 4 && middle !== null && element.contains(middle);
          return isSeen ? [{ element, left, top, wide, tall }] : [];
        });
      const wordless = boxes("button, .chips span")
        .filter(({ element }) => element.textContent?.trim())
        .filter(({ left, top, wide, tall }) => {
          const ground = light(left + 3, top + 3);
          let marked = 0;
          for (let y = 3; y < tall - 3; y++)
            for (let x = 3; x < wide - 3; x++)
              if (differ(light(left + x, top + y), ground)) marked++;
          return marked < 5;
        });
      const shapeless = boxes("progress, .share").filter(({ left, top, wide, tall }) => {
        const middle = top + tall / 2;
        const [full, empty] = [0.25, 0.75].map((share) => light(left + share * wide, middle));
        const beyond = light(left + wide + 2, middle);
        const ends = [1, 2].some((inset) => differ(light(left + wide - inset, middle), beyond));
        return !differ(full, empty) || !ends;
      });
      return [...wordless, ...shapeless].map(({ element }) => element.outerHTML.slice(0, 120));
    },
    pixels,
    least,
  );

/** Colours of the light theme in a picture of the dark one. */
const leftOver = (pixels: JSHandle<ImageData>): Promise<string[]> =>
  pixels.evaluate(({ data }) => {
    const root = [...document.styleSheets]
      .flatMap(({ cssRules }) => [...cssRules])
      .find((rule) => rule instanceof CSSStyleRule && rule.selectorText === ":root");
    const { style } = root as CSSStyleRule;
    const names = ["paper", "card", "square", "rule", "margin", "blush", "pencil", "wash"];
    const colors = names.map((name) => {
      const [r, g, b] = style
        .getPropertyValue(`--${name}`)
        .match(/[0-9a-f]{2}/gi)!
        .map((digits) => parseInt(digits, 16));
      return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
    });
    const counts = colors.map(() => 0);
    for (const pixel of new Uint32Array(data.buffer, data.byteOffset)) {
      const i = colors.indexOf(pixel);
      if (i >= 0) counts[i]++;
    }
    // Pictures have white of their own, and a few pixels of an edge may be of any colour.
    return names.filter((_, i) => counts[i] > 20);
  });

/** Shows all bars half full, and gives what ends that. */
async function halve(): Promise<() => Promise<void>> {
  const page = thePage();
  await page.$$eval("progress", (bars) => {
    for (const bar of bars) {
      bar.value = bar.max / 2;
      // Whatever the page makes of it meanwhile.
      Object.defineProperty(bar, "value", { configurable: true, set() {} });
    }
  });
  const style = await page.addStyleTag({
    content: ".share { --share: 0.5 !important }",
  });
  return async () => {
    await style.evaluate((element) => element.remove());
    await page.$$eval("progress", (bars) =>
      bars.forEach((bar) => Reflect.deleteProperty(bar, "value")),
    );
  };
}

interface Colors {
  theme: "light" | "dark";
  /** The visitor's own. */
  isForced?: boolean;
}

/** What is wrong with a picture of the page. */
async function faultsIn(
  path: string,
  drawn: readonly string[],
  { theme, isForced = false }: Colors,
): Promise<string[]> {
  const pixels = await picture(path);
  const faults = await blankIn(pixels, drawn);
  if (theme === "dark" && !isForced) faults.push(...(await leftOver(pixels)));
  faults.push(...(await unseen(pixels, isForced ? plain : faint)));
  await pixels.dispose();
  return faults;
}

/** Chromium draws parts of a higher picture as they were before. */
const highest = 8192;

/** Gives the page all the height that it needs, so that what lies over what can be asked for. */
async function view(width: Viewport): Promise<void> {
  const page = thePage();
  await page.setViewport(width);
  await settled();
  const height = await page.$eval("html", ({ scrollHeight }) => scrollHeight);
  await page.setViewport({ ...width, height: Math.min(height, highest) });
}

/**
 * The page at three widths, in both themes and in forced colours: what it draws is there, nothing is too wide, nothing
 * moves with texts, buttons and bars (all of them half full) are to be seen, no colour is that of the other theme, and
 * axe finds nothing.
 */
export async function looksRight(name: string, drawn: readonly string[]): Promise<void> {
  const page = thePage();
  await mkdir("test-results", { recursive: true });
  // Puppeteer knows nothing of forced colours.
  const session = await page.createCDPSession();
  const look = async (where: string, colors: Colors): Promise<void> => {
    const features = [
      { name: "forced-colors", value: colors.isForced ? "active" : "none" },
      { name: "prefers-color-scheme", value: colors.theme },
    ];
    await session.send("Emulation.setEmulatedMedia", { features });
    await settled();
    const path = `test-results/${name}-${where}-${colors.theme}.png`;
    await expect
      .poll(() => faultsIn(path, drawn, colors), { timeout: 10_000, interval: 200, message: path })
      .toEqual([]);
  };
  const restore = await halve();
  await view(desktop);
  await look("forced", { theme: "light", isForced: true });
  await look("forced", { theme: "dark", isForced: true });
  await look("desktop", { theme: "dark" });
  await look("desktop", { theme: "light" });
  expect(await violations(), "desktop, light").toEqual([]);
  expect(await tooWide(), "desktop").toEqual([]);
  expect(await unsteady(), "desktop").toEqual([]);
  expect(await belowName(), "desktop").toEqual([]);
  await view(phone);
  await look("phone", { theme: "light" });
  await look("phone", { theme: "dark" });
  expect(await violations(), "phone, dark").toEqual([]);
  expect(await tooWide(), "phone").toEqual([]);
  expect(await unsteady(), "phone").toEqual([]);
  await session.send("Emulation.setEmulatedMedia", { features: [] });
  await session.detach();
  await view(narrow);
  await capture(`test-results/${name}-narrow.png`);
  expect(await tooWide(), "narrow").toEqual([]);
  expect(await unsteady(), "narrow").toEqual([]);
  await restore();
  await page.setViewport(desktop);
  await settled();
}
