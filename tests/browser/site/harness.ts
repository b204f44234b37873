import { init, random } from "cotangent";
import puppeteer, { type Browser, type Page } from "puppeteer";
import { afterAll, afterEach, beforeAll, beforeEach, inject } from "vitest";
import { launch, requireBrowser } from "../../../scripts/browser.ts";

/** What pages are looked at with. */
export const desktop = { width: 1280, height: 800 };
export const phone = { width: 390, height: 844 };
export const narrow = { width: 320, height: 568 };

const { url, folder } = inject("site");

let browser: Browser;
let page: Page;
let errors: string[];

/** Opens a browser for a file, with these flags; each test gets a page of its own. */
export function useSite(...args: string[]): void {
  beforeAll(async () => {
    // The first of all requests waits for the site to be built.
    const built = await fetch(url);
    if (!built.ok) throw new Error(`the site is not built: ${await built.text()}`);
    browser = await launch({ args });
  });

  afterAll(() => browser?.close());

  beforeEach(() => newPage(browser));

  afterEach(async () => {
    if (!page.isClosed()) await page.close();
  });
}

/** Opens a page in a browser that has no WebGPU, until `act` is done. */
export async function withoutGpu(act: () => Promise<void>): Promise<void> {
  const bare = await puppeteer.launch({
    executablePath: await requireBrowser(),
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    await page.close();
    await newPage(bare);
    await act();
  } finally {
    await bare.close();
  }
}

export const thePage = (): Page => page;
export const address = url;
export const builtFiles = (): string => folder;

/** Opens a page in which every complaint counts as an error. */
export async function newPage(of: Browser): Promise<void> {
  page = await of.newPage();
  errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("requestfailed", (request) => errors.push(`failed: ${request.url()}`));
  page.on("console", (message) => {
    if (["error", "warn"].includes(message.type())) errors.push(message.text());
  });
  await page.evaluateOnNewDocument(watch, steady);
  await page.setViewport(desktop);
}

/** What is as tall at all times, whatever it says, as long as the page is as wide. */
const steady = [
  ".masthead",
  ".lede",
  "h2",
  ".controls",
  "[data-longest]",
  ".formulas",
  ".machine",
  ".plot",
  "#bands",
  ".actions",
  "footer",
].join();

/** Complains of what grows or shrinks after all: everything below it moves. */
function watch(steady: string): void {
  const seen = new WeakMap<Element, { width: number; height: number }>();
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const [width, { height }] = [innerWidth, target.getBoundingClientRect()];
      const before = seen.get(target);
      seen.set(target, { width, height });
      // What is hidden has no height.
      const isSame = !before?.height || !height || Math.abs(before.height - height) < 0.5;
      if (before?.width === width && !isSame)
        console.error(
          `at ${width} pixels ${target.outerHTML.slice(0, 80)} went from ${before.height} to ${height}: ${target.textContent}`,
        );
    }
  });
  addEventListener("DOMContentLoaded", () => {
    for (const element of document.querySelectorAll(steady)) observer.observe(element);
  });
}

/** Asks for little motion: a page then trains only when it is told to. */
export const calm = (of = page) =>
  of.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);

/** What the page has complained of, and has to be empty. */
export const complaints = (): string[] => errors;

/** Opens a page of the site, or of one that is forwarded to it. */
export const open = (path: string, at = url) => page.goto(`${at}${path}`);

export const text = (selector: string): Promise<string> =>
  page.$eval(selector, (element) => element.textContent ?? "");

/** Waits until a page's expression is true; where it stays false, the error tells what the page says. */
export async function until(expression: string): Promise<void> {
  try {
    await page.waitForFunction(expression, { timeout: 60_000 });
  } catch (cause) {
    const said = await page.$$eval("#controls, #notices", (all) =>
      all.map((e) => (e as HTMLElement).innerText),
    );
    throw new Error(
      `not true: ${expression}; the page says: ${said.join(" | ")} ${errors.join()}`,
      {
        cause,
      },
    );
  }
}

/** Moves of a finger from one place to the next. */
const strokeParts = 8;

/** A place on an element, in shares of its width and height. */
export type Share = readonly [x: number, y: number];

/** Presses at the first of these places on an element, and drags through the others. */
export async function drag(selector: string, points: readonly Share[]): Promise<void> {
  const element = await page.$(selector);
  await element?.scrollIntoView();
  const box = await element?.boundingBox();
  if (!box) throw new Error(`${selector} is not to be seen`);
  const { mouse } = page;
  for (const [i, [x, y]] of points.entries()) {
    await mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: i === 0 ? 1 : 6 });
    if (i === 0) await mouse.down();
  }
  await mouse.up();
}

/** As `drag`, by a finger; the page must not follow it. */
export async function stroke(selector: string, points: readonly Share[]): Promise<void> {
  const element = await page.$(selector);
  // Away from what stays at the edges.
  await element?.evaluate((e) => e.scrollIntoView({ block: "center" }));
  const box = await element?.boundingBox();
  if (!box) throw new Error(`${selector} is not to be seen`);
  const at = ([x, y]: Share) => [box.x + x * box.width, box.y + y * box.height] as const;
  const before = await page.evaluate("scrollY");
  const touch = await page.touchscreen.touchStart(...at(points[0]));
  for (let i = 1; i < points.length; i++)
    for (let part = 1; part <= strokeParts; part++) {
      const share = part / strokeParts;
      const between = [0, 1].map(
        (c) => points[i - 1][c] + share * (points[i][c] - points[i - 1][c]),
      );
      await touch.move(...at([between[0], between[1]]));
    }
  await touch.end();
  const moved = (await page.evaluate("scrollY")) !== before;
  if (moved) throw new Error(`the page moved with a finger on ${selector}`);
}

/** Computes on the float64 reference from here on, with the draws that follow from this seed. */
export async function reference(seed = 1): Promise<void> {
  await init({ backend: "cpu" });
  random.seed(seed);
}

/** The number that an element shows. */
export const number = async (selector: string): Promise<number> =>
  Number((await text(selector)).replace("−", "-"));

/** The numbers in a table. */
export const numbersIn = (table: string): Promise<number[][]> =>
  page.$$eval(`${table} tbody tr`, (rows) =>
    rows.map((row) =>
      [...row.children].map((cell) => Number(cell.textContent.replaceAll("−", "-"))),
    ),
  );

/** A number of the run as the page writes it: 1,230. */
export const gauge = async (name: string): Promise<number> =>
  Number(((await page.evaluate(gaugeOf(name))) as string).replaceAll(",", "").replace("%", ""));

const gaugeOf = (name: string) =>
  `[...document.querySelectorAll("#controls dt")].find((dt) => dt.textContent === "${name}").nextSibling.textContent`;

export const gaugeReaches = (name: string, n: number) =>
  until(`parseFloat(${gaugeOf(name)}.replaceAll(",", "")) >= ${n}`);

export const stepReaches = (n: number) => gaugeReaches("step", n);

export const button = (label: string) =>
  page.locator(`::-p-xpath(//button[normalize-space()="${label}"])`);

/** What stands on the button that starts and pauses. */
export const isOn = (label: string) =>
  until(`document.querySelector("#controls .primary").textContent === "${label}"`);

/** Has pages that are opened from now on train on where they have made all of their steps, which takes a fast machine a second. */
export const trainOn = () =>
  page.evaluateOnNewDocument(() => {
    const more = () => {
      const button = document.querySelector<HTMLElement>("#controls .primary");
      if (button?.textContent === "Train more") button.click();
    };
    const all = { subtree: true, childList: true, characterData: true };
    addEventListener("DOMContentLoaded", () =>
      new MutationObserver(more).observe(document.body, all),
    );
  });

/** Pauses, and waits until the steps that were under way are in. */
export async function pause(): Promise<number> {
  await button("Pause").click();
  await isOn("Resume");
  for (let before = -1; ;) {
    const step = await gauge("step");
    if (step === before) return step;
    before = step;
    await new Promise((done) => setTimeout(done, 300));
  }
}

/** How many pixels of a canvas are not empty. */
export const ink = (selector: string) =>
  page.$eval(selector, (canvas) => {
    const { width, height } = canvas as HTMLCanvasElement;
    const context = (canvas as HTMLCanvasElement).getContext("2d");
    const image = context?.getImageData(0, 0, width, height).data ?? [];
    return image.filter((value, i) => i % 4 === 3 && value > 0).length;
  });

const second = () => new Promise<void>((done) => setTimeout(done, 1000));

/** The longest task on the page's own thread in a second, or while it is used, in milliseconds: the first below the limit counts. */
export async function longestTask(
  limit: number,
  use: () => Promise<void> = second,
): Promise<number> {
  const spans: number[] = [];
  // Whatever else this machine does makes tasks longer, but not in each span.
  while (spans.length < 5 && Math.min(Infinity, ...spans) >= limit) {
    const tasks = await page.evaluateHandle(() => {
      const durations: number[] = [];
      const take = (entries: readonly PerformanceEntry[]) =>
        durations.push(...entries.map(({ duration }) => duration));
      const observer = new PerformanceObserver((list) => take(list.getEntries()));
      observer.observe({ type: "longtask" });
      const end = () => {
        take(observer.takeRecords());
        observer.disconnect();
        return Math.max(0, ...durations);
      };
      return { end };
    });
    await use();
    spans.push(await tasks.evaluate(({ end }) => end()));
    await tasks.dispose();
  }
  return Math.min(...spans);
}

/** Milliseconds from a press on Pause to the last step that is shown: the first below the limit counts. */
export async function stopTime(limit: number): Promise<number> {
  const times: number[] = [];
  while (times.length < 4 && Math.min(Infinity, ...times) >= limit) {
    if (times.length > 0) {
      const step = await gauge("step");
      await button("Resume").click();
      await stepReaches(step + 5);
    }
    const time = page.evaluate(`new Promise((done) => {
      const step = ${gaugeOf("step").replace(/\.textContent$/, "")};
      const start = performance.now();
      let last = start;
      const observer = new MutationObserver(() => (last = performance.now()));
      observer.observe(step, { subtree: true, characterData: true, childList: true });
      document.querySelector("#controls .primary").click();
      setTimeout(() => done(last - start), ${2 * limit});
    })`);
    times.push((await time) as number);
  }
  return Math.min(...times);
}

/** Takes the GPU away in mid-training: the page says so, and goes on. */
export async function loseGpu(): Promise<void> {
  // By keyboard: what is learnt moves words, and a press by mouse may come beside a button at the end of a page.
  await page.focus("[data-unplug] button");
  await page.keyboard.press("Enter");
  await until(`document.querySelector("#notices").textContent.includes("The GPU was lost")`);
  await button("OK").click();
  await until(`document.querySelector("#notices").childElementCount === 0`);
}
