import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import puppeteer, { type Browser, type Page } from "puppeteer";
import { build, preview, type PreviewServer } from "vite";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { launch, requireBrowser } from "../../scripts/browser.ts";

/** An entry of type "layout-shift". */
interface LayoutShift extends PerformanceEntry {
  value: number;
}

const configFile = resolve("demo/vite.config.ts");

let outDir: string;
let server: PreviewServer;
let browser: Browser;
let page: Page;
let errors: string[];

beforeAll(async () => {
  outDir = await mkdtemp(join(tmpdir(), "cotangent-demo-"));
  await build({ configFile, logLevel: "error", build: { outDir } });
  server = await preview({
    configFile,
    logLevel: "error",
    build: { outDir },
    preview: { port: 0 },
  });
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  await rm(outDir, { recursive: true, force: true });
});

beforeEach(() => newPage(browser));

afterEach(async () => {
  if (!page.isClosed()) await page.close();
});

/** Opens a page in which every complaint counts as an error. */
async function newPage(browser: Browser): Promise<void> {
  page = await browser.newPage();
  errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("requestfailed", (request) => errors.push(`failed: ${request.url()}`));
  page.on("console", (message) => {
    if (["error", "warn"].includes(message.type())) errors.push(message.text());
  });
  await page.setViewport({ width: 1360, height: 900 });
}

const open = (path: string) => page.goto(`${server.resolvedUrls?.local[0]}${path}`);

const text = (selector: string) => page.$eval(selector, (element) => element.textContent ?? "");

/** A number as the page writes it: 1,230. */
const number = async (selector: string) => Number((await text(selector)).replaceAll(",", ""));

const step = () => number("#step");

/** Waits until a page's expression is true. */
const until = (expression: string) => page.waitForFunction(expression, { timeout: 100_000 });

const stepReaches = (n: number) =>
  until(`Number(document.querySelector("#step").textContent.replaceAll(",", "")) >= ${n}`);

const accuracyReaches = (percent: number) =>
  until(`parseFloat(document.querySelector("#accuracy-value").textContent) >= ${percent}`);

/** Draws a line through points, given as shares of the sheet. */
async function draw(points: [x: number, y: number][]): Promise<void> {
  const pad = await page.waitForSelector("#pad");
  await pad?.scrollIntoView();
  const box = await pad?.boundingBox();
  if (!box) throw new Error("the sheet is not to be seen");
  const at = ([x, y]: [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const;
  await page.mouse.move(...at(points[0]));
  await page.mouse.down();
  for (const point of points.slice(1)) await page.mouse.move(...at(point), { steps: 5 });
  await page.mouse.up();
}

test("trains, draws its curves, and reads a drawn digit", async () => {
  await open("#optimizer=adam&rate=0.002&seed=7");
  await accuracyReaches(80);
  expect(await page.$eval("#loss", (plot) => plot.ariaLabel)).toMatch(
    /^Loss curve over \d+ steps, from 2\.\d\d to [01]\.\d\d$/,
  );
  expect(await page.$eval("#accuracy", (plot) => plot.ariaLabel)).toMatch(/, from \d\.\d% to/);
  expect(await number("#speed")).toBeGreaterThan(0);
  expect(await text("#device")).toMatch(/\w{3}/);
  expect(await text("#story")).toMatch(/practised on [\d,]+ digits and now reads [89]\d\.\d%/);

  await draw([
    [0.3, 0.25],
    [0.45, 0.15],
    [0.65, 0.25],
    [0.5, 0.46],
    [0.68, 0.68],
    [0.5, 0.84],
    [0.28, 0.74],
  ]);
  await until(`document.querySelector("#verdict").textContent.includes("a 3 (")`);
  expect(await page.$$("#bars li")).toHaveLength(10);
  expect(await text("#bars .best")).toMatch(/^3\d+%$/);
  expect((await page.$$("#tiles .wrong")).length).toBeGreaterThan(0);
  expect(await page.$eval("#tiles .wrong", (tile) => tile.ariaLabel)).toMatch(
    /^Read as \d, it is \d, \d+% sure\./,
  );
  await mkdir("test-results", { recursive: true });
  await page.screenshot({ path: "test-results/demo.png", fullPage: true });

  await page.focus("#pad");
  await page.keyboard.press("Delete");
  expect(await page.$eval("#seen", isBlank)).toBe(true);

  // A 1 by keyboard: from where the pen is, straight down.
  await page.keyboard.press("Space");
  for (let i = 0; i < 15; i++) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowRight");
  await until(`document.querySelector("#verdict").textContent.includes("a 1 (")`);
  await page.keyboard.press("Escape");
  expect(await text("#verdict")).toMatch(/^Draw a digit/);
  expect(errors).toEqual([]);
});

test.each([1440, 1024, 390])("nothing jumps at a width of %i", async (width) => {
  await page.setViewport({ width, height: 844 });
  await page.evaluateOnNewDocument(() => {
    const seen = Object.assign(globalThis, { shift: 0 });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.shift += (entry as LayoutShift).value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  await open("#network=784-10");
  await accuracyReaches(50);
  expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
  // Web Vitals call a page good below 0.1.
  expect(await page.evaluate("shift")).toBeLessThan(0.05);
  expect(errors).toEqual([]);
});

test("pauses, goes on, follows the controls, and shares its settings", async () => {
  await open("?backend=webgpu#network=784-10&epochs=5&batch=128");
  await stepReaches(5);
  await page.$eval('[name="rate"]', (input) => {
    if (!(input instanceof HTMLInputElement)) return;
    input.value = "-2";
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  expect(page.url()).toMatch(/#network=784-10&optimizer=adam&rate=0.01&batch=128&epochs=5&seed=0$/);
  expect(await step()).toBeGreaterThanOrEqual(5);

  await page.click("#toggle");
  await until(`document.querySelector("#toggle").textContent === "Resume"`);
  // The steps that were under way are still to come in.
  const paused = await vi.waitUntil(
    async () => {
      const before = await step();
      await new Promise((done) => setTimeout(done, 1000));
      return (await step()) === before && before;
    },
    { timeout: 30_000 },
  );
  expect(paused).toBeLessThan(5 * 62);
  await page.click("#toggle");
  await stepReaches(paused + 1);

  await page.select('[name="optimizer"]', "sgd");
  await until(`document.querySelector("#rate-value").textContent === "0.1"`);
  await accuracyReaches(50);
  await stepReaches(5 * 62);
  await until(`document.querySelector("#toggle").textContent === "Train more"`);
  // The exam after the last step is still to come in.
  await until(`document.querySelectorAll("#epochs tr").length === 5`);
  expect(errors).toEqual([]);
});

test("goes on after the GPU was lost", async () => {
  await open("#network=784-10");
  await accuracyReaches(50);
  await page.click("#unplug");
  await until(`!document.querySelector("#notice").hidden`);
  expect(await text("#notice-text")).toMatch(
    /^The GPU was lost and replaced\. .* back at step \d+, its last snapshot\.$/,
  );
  await page.click("#notice-action");
  await stepReaches((await step()) + 20);
  expect(await page.$eval("#notice", (notice) => (notice as HTMLElement).hidden)).toBe(true);
  expect(errors.filter((error) => !/device/i.test(error))).toEqual([]);
});

test("without WebGPU it says so and goes on with the reference", async () => {
  const bare = await puppeteer.launch({
    executablePath: await requireBrowser(),
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    await page.close();
    await newPage(bare);
    await page.setViewport({ width: 390, height: 844 });
    await page.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
    await open("#network=784-10&batch=16");
    await until(`!document.querySelector("#notice").hidden`);
    expect(await text("#notice-text")).toMatch(/WebGPU/);
    expect(await text("#device")).toBe("No GPU found");
    await Promise.all([page.waitForNavigation(), page.click("#notice-action")]);
    expect(page.url()).toMatch(/\?backend=cpu#network=784-10/);
    await until(`document.querySelector("#accuracy-value").textContent !== "–"`);
    expect(await text("#device")).toMatch(/^CPU reference/);
    // Nobody who asks for little motion is shown any unasked.
    expect(await text("#toggle")).toBe("Start");
    await page.click("#toggle");
    await stepReaches(3);
    expect(errors).toEqual([]);
  } finally {
    await page.close();
    await bare.close();
  }
});

test("the recipes end inside PyTorch's bands", { timeout: 600_000 }, async () => {
  await open("bands.html");
  await page.click("#run");
  await page.waitForFunction(`document.querySelector("#state").textContent.endsWith(".")`, {
    timeout: 600_000,
  });
  console.log(await page.$eval("#results", (results) => (results as HTMLElement).innerText));
  expect(await text("#state")).toBe("3 of 3 recipes inside PyTorch's bands.");
  expect(await page.$$("#results tr")).toHaveLength(12);
  expect(errors).toEqual([]);
});

function isBlank(canvas: Element): boolean {
  if (!(canvas instanceof HTMLCanvasElement)) return false;
  const { width, height } = canvas;
  const image = canvas.getContext("2d")?.getImageData(0, 0, width, height);
  return image?.data.every((value) => value === 0) ?? false;
}
