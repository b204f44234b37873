import puppeteer from "puppeteer";
import { init, random } from "cotangent";
import { expect, test } from "vitest";
import { stepOn } from "../../../demo/digits/model.ts";
import { loadDigits } from "../../../demo/mnist.ts";
import { Network } from "../../../demo/network.ts";
import { requireBrowser } from "../../../scripts/browser.ts";
import { readMnist } from "../../../scripts/mnist.ts";
import {
  button,
  complaints,
  desktop,
  gauge,
  isOn,
  longestTask,
  looksRight,
  loseGpu,
  newPage,
  open,
  pause,
  stepReaches,
  text,
  thePage,
  until,
  useSite,
} from "./harness.ts";

useSite();

/** Draws a line through points, given as shares of the sheet. */
async function draw(points: [x: number, y: number][]): Promise<void> {
  const pad = await thePage().$("#pad");
  await pad?.scrollIntoView();
  const box = await pad?.boundingBox();
  if (!box) throw new Error("the sheet is not to be seen");
  const at = ([x, y]: [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const;
  const { mouse } = thePage();
  await mouse.move(...at(points[0]));
  await mouse.down();
  for (const point of points.slice(1)) await mouse.move(...at(point), { steps: 5 });
  await mouse.up();
}

const three: [number, number][] = [
  [0.3, 0.25],
  [0.45, 0.15],
  [0.65, 0.25],
  [0.5, 0.46],
  [0.68, 0.68],
  [0.5, 0.84],
  [0.28, 0.74],
];

/** Waits until so much of the test digits is read correctly. */
const reads = (percent: number) =>
  until(`parseFloat(document.querySelector("#accuracy-value").textContent) >= ${percent}`);

const ink = (selector: string) =>
  thePage().$eval(selector, (canvas) => {
    const { width, height } = canvas as HTMLCanvasElement;
    const context = (canvas as HTMLCanvasElement).getContext("2d");
    const image = context?.getImageData(0, 0, width, height).data ?? [];
    return image.filter((value, i) => i % 4 === 3 && value > 0).length;
  });

const verdictIs = (start: string) =>
  until(`document.querySelector("#verdict").textContent.startsWith("${start}")`);

test("trains as the library does, reads what is drawn, and is taught better", async () => {
  await open("digits.html#rate=0.002&seed=7");
  await reads(80);
  expect(await text("#story")).toMatch(/practised on [\d,]+ digits and now reads [89][\d.]*% of/);
  expect(await text("#exam-summary")).toMatch(/^1,\d+ of 2,004 read correctly/);
  expect(await thePage().$eval("#loss", (plot) => plot.ariaLabel)).toMatch(
    /^Loss curve over \d+ steps, from 2\.\d\d to [01]\.\d\d$/,
  );

  await draw(three);
  await until(`document.querySelector("#verdict").textContent.includes("a 3 (")`);
  expect(await text("#bars .best")).toMatch(/^3\d+%$/);
  expect(await thePage().$eval("#tiles .wrong", (tile) => tile.ariaLabel)).toMatch(
    /^Read as \d, it is \d, \d+% sure\./,
  );
  expect(await longestTask()).toBeLessThan(100);
  await pause();

  // In numbers: the first loss is that of the reference.
  await thePage().click("#loss-table summary");
  await thePage().waitForSelector("#loss-table td");
  const first = await thePage().$$eval("#loss-table tbody tr:first-child > *", (cells) =>
    cells.map((cell) => Number(cell.textContent)),
  );
  await init({ backend: "cpu" });
  random.seed(7);
  const design = { sizes: [784, 128, 10], optimizer: "adam", learningRate: 0.002 } as const;
  const step = stepOn(new Network(design), await loadDigits(readMnist, "first"), 64);
  expect(first[0]).toBe(1);
  expect(first[1]).toBeCloseTo(await step().item(), 3);
  await thePage().click("#loss-table summary");
  await looksRight("digits", ["#loss", "#accuracy", "#why", "#tiles"]);

  // What it is told this is, it learns.
  await thePage().select("#teach select", "7");
  await button("Teach it").click();
  await verdictIs("This is a 7");

  await thePage().focus("#pad");
  await thePage().keyboard.press("Delete");
  expect(await ink("#seen")).toBe(0);
  expect(await text("#verdict")).toMatch(/^Draw a digit/);
  // A tap leaves a dot, and the dot is read.
  await draw([[0.5, 0.5]]);
  expect(await ink("#pad")).toBeGreaterThan(300);
  await until(`document.querySelector("#verdict").textContent.includes("%")`);
  await thePage().keyboard.press("Escape");
  // A line by keyboard: from where the pen is, straight down.
  await thePage().keyboard.press("Space");
  for (let i = 0; i < 15; i++) await thePage().keyboard.press("ArrowDown");
  await until(`document.querySelector("#verdict").textContent.includes("%")`);
  expect(complaints()).toEqual([]);
});

test("nothing moves, goes on for longer, and the link holds what is set in mid-run", async () => {
  await thePage().evaluateOnNewDocument(() => {
    const seen = Object.assign(globalThis, { shift: 0 });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        seen.shift += (entry as PerformanceEntry & { value: number }).value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  await open("digits.html#network=784-10&epochs=5&batch=256");
  await reads(50);
  // Web Vitals call a page good below 0.1.
  expect(await thePage().evaluate("shift")).toBeLessThan(0.05);
  const size = (selector: string) =>
    thePage().$eval(selector, (e) => [e.clientWidth, e.clientHeight].join());
  const plot = await size("#loss");
  await thePage().hover("#loss");
  expect(await text("#loss-value")).toMatch(/ at step \d+$/);
  expect(await size("#loss")).toBe(plot);

  const step = await gauge("step");
  await thePage().$eval('[name="rate"]', (input) => {
    (input as HTMLInputElement).value = "-2";
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await thePage().select('[name="epochs"]', "10");
  await until(`location.hash === "#network=784-10&rate=0.01&batch=256&epochs=10"`);
  expect(await gauge("step")).toBeGreaterThanOrEqual(step);
  await until(`document.querySelector("#controls").textContent.includes("of 10")`);
  const resting = await size("#controls .primary");
  await thePage().select('[name="epochs"]', "5");
  await isOn("Train more");
  expect(await size("#controls .primary")).toBe(resting);
  expect(await gauge("step")).toBe(5 * 31);
  await thePage().select('[name="optimizer"]', "sgd");
  await until(`location.hash.includes("optimizer=sgd") && !location.hash.includes("rate")`);
  await isOn("Pause");
  await stepReaches(10);
  await loseGpu();
  await reads(60);
  expect(complaints()).toEqual([]);
});

test("without WebGPU it says in a visitor's words how to get it, and goes on without", async () => {
  const bare = await puppeteer.launch({
    executablePath: await requireBrowser(),
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    await thePage().close();
    await newPage(bare);
    await thePage().setViewport({ ...desktop, width: 390 });
    await thePage().emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
    await open("digits.html#network=784-10&batch=16");
    await until(`document.querySelector("#notices").textContent !== ""`);
    expect(await text("#notices")).toMatch(/graphics card.*processor.*Chrome/);
    expect(await text("#notices")).not.toMatch(/init|backend|DeviceError/);
    expect(await text("#device")).toMatch(/^No GPU found/);
    await button("OK").click();
    // Nobody who asks for little motion is shown any unasked.
    await isOn("Start");
    await button("Start").click();
    await stepReaches(3);
    await draw(three);
    await until(`document.querySelector("#verdict").textContent.includes("%")`);
    expect(complaints()).toEqual([]);
  } finally {
    await thePage().close();
    await bare.close();
  }
});
