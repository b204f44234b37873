import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { JSHandle } from "puppeteer";
import { expect } from "vitest";
import { desktop, narrow, phone, thePage } from "./harness.ts";

/** How many colours there are in the picture of an element. */
export async function colorsOf(selector: string): Promise<number> {
  const page = thePage();
  const element = await page.$(selector);
  if (!element) throw new Error(`there is no ${selector}`);
  await element.scrollIntoView();
  const pixels = await pixelsOf(await element.screenshot({ encoding: "base64" }));
  const count = await pixels.evaluate(
    ({ data }) => new Set(new Uint32Array(data.buffer, data.byteOffset)).size,
  );
  await pixels.dispose();
  return count;
}

/** The pixels of a PNG, which stay in the page. */
const pixelsOf = (png: string) =>
  thePage().evaluateHandle(async (base64) => {
    const blob = await (await fetch(`data:image/png;base64,${base64}`)).blob();
    const image = await createImageBitmap(blob);
    const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
    if (!context) throw new Error("this browser has no 2D canvas");
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, image.width, image.height);
  }, png);

const axe = readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds. */
async function violations(): Promise<string[]> {
  const page = thePage();
  if (!(await page.evaluate("typeof axe !== 'undefined'"))) await page.evaluate(await axe);
  const { violations } = (await page.evaluate("axe.run()")) as AxeResults;
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join("; ")}`);
}

/** Waits for what follows from a new size or theme, the pictures of workers among it. */
const settled = () => thePage().evaluate("new Promise((done) => setTimeout(done, 400))");

/** What is wider than the page, which then scrolls sideways, and buttons that are too narrow for their words. */
const tooWide = () =>
  thePage().evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    const isOut = (element: Element) =>
      scrollWidth > clientWidth && element.getBoundingClientRect().right > clientWidth + 0.5;
    const isCramped = (element: Element) =>
      element.matches("button") && element.scrollWidth > element.clientWidth;
    return [...document.body.querySelectorAll("*")]
      .filter((element) => isOut(element) || isCramped(element))
      .map((element) => element.outerHTML.slice(0, 80));
  });

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
    const counts = new Map<number, number>();
    for (const pixel of new Uint32Array(data.buffer, data.byteOffset))
      counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
    // Pictures have white of their own, and a few pixels of an edge may be of any colour.
    return ["paper", "card", "square", "rule", "margin", "blush", "pencil"].filter((name) => {
      const [r, g, b] = style
        .getPropertyValue(`--${name}`)
        .match(/[0-9a-f]{2}/gi)!
        .map((digits) => parseInt(digits, 16));
      return (counts.get(((255 << 24) | (b << 16) | (g << 8) | r) >>> 0) ?? 0) > 20;
    });
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

/** The page in a visitor's own colours, of which Puppeteer knows nothing. */
async function looksRightInForcedColors(name: string): Promise<void> {
  const page = thePage();
  const session = await page.createCDPSession();
  await page.setViewport(desktop);
  for (const theme of ["light", "dark"]) {
    const features = [
      { name: "forced-colors", value: "active" },
      { name: "prefers-color-scheme", value: theme },
    ];
    await session.send("Emulation.setEmulatedMedia", { features });
    await settled();
    // All of it in view, so that what lies over what can be asked for.
    const height = await page.$eval("html", ({ scrollHeight }) => scrollHeight);
    await page.setViewport({ ...desktop, height });
    await settled();
    const restore = await halve();
    const path = `test-results/${name}-forced-${theme}.png` as const;
    const picture = await page.screenshot({ encoding: "base64" });
    await writeFile(path, picture, "base64");
    const pixels = await pixelsOf(picture);
    expect(await unseen(pixels, plain), path).toEqual([]);
    await pixels.dispose();
    await restore();
  }
  await session.send("Emulation.setEmulatedMedia", { features: [] });
  await session.detach();
}

/**
 * The page at three widths, in both themes and in forced colours: what it draws is there, nothing is too wide, buttons
 * and bars are to be seen, no colour is that of the other theme, and axe finds nothing.
 */
export async function looksRight(name: string, drawn: readonly string[]): Promise<void> {
  const page = thePage();
  await mkdir("test-results", { recursive: true });
  for (const [where, viewport] of Object.entries({ desktop, phone })) {
    await page.setViewport(viewport);
    for (const theme of ["light", "dark"]) {
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
      await settled();
      const path = `test-results/${name}-${where}-${theme}.png` as const;
      await page.screenshot({ path, fullPage: true });
      for (const selector of drawn)
        expect(await colorsOf(selector), `${path} ${selector}`).toBeGreaterThan(8);
      expect(await violations(), path).toEqual([]);
      const restore = await halve();
      await page.evaluate("scrollTo(0, 0)");
      const pixels = await pixelsOf(await page.screenshot({ encoding: "base64" }));
      expect(await unseen(pixels, faint), path).toEqual([]);
      if (theme === "dark") expect(await leftOver(pixels), path).toEqual([]);
      await pixels.dispose();
      await restore();
    }
    expect(await tooWide(), where).toEqual([]);
  }
  await page.emulateMediaFeatures([]);
  await page.setViewport(narrow);
  await settled();
  await page.screenshot({ path: `test-results/${name}-narrow.png`, fullPage: true });
  expect(await tooWide(), "narrow").toEqual([]);
  await looksRightInForcedColors(name);
  await page.setViewport(desktop);
  await settled();
}
