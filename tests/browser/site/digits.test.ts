import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { stepOn } from "../../../demo/digits/model.ts";
import { loadDigits } from "../../../demo/mnist.ts";
import { Network } from "../../../demo/network.ts";
import { readMnist } from "../../../scripts/mnist.ts";
import * as site from "./harness.ts";
import { looksRight } from "./looks.ts";

site.useSite();

/** Draws a line on the sheet. */
const draw = (points: readonly site.Share[]) => site.drag("#pad", points);

const three: site.Share[] = [
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
  site.until(`parseFloat(document.querySelector("#accuracy-value").textContent) >= ${percent}`);

const verdictIs = (start: string) =>
  site.until(`document.querySelector("#verdict").textContent.startsWith("${start}")`);

test("trains as the library does, reads what is drawn, and is taught better", async () => {
  await site.open("digits.html#rate=0.002&seed=7");
  await reads(80);
  expect(await site.text("#story")).toMatch(
    /practised on [\d,]+ digits and now reads [89][\d.]*% of/,
  );
  expect(await site.text("#exam-summary")).toMatch(/^1,\d+ of 2,004 read correctly/);
  expect(await site.thePage().$eval("#loss", (plot) => plot.ariaLabel)).toMatch(
    /^Loss curve over \d+ steps, from 2\.\d\d to [01]\.\d\d$/,
  );

  expect(await site.longestTask(100)).toBeLessThan(100);
  const steps = await site.pause();
  // The headline says what the others say.
  const right = parseFloat(await site.text("#accuracy-value"));
  expect(await site.text("#story")).toContain(
    `${(64 * steps).toLocaleString("en")} digits and now reads ${right}%`,
  );
  await draw(three);
  await site.until(`document.querySelector("#verdict").textContent.includes("a 3 (")`);
  expect(await site.text("#bars .best")).toMatch(/^3\d+%$/);
  expect(await site.thePage().$eval("#tiles .wrong", (tile) => tile.ariaLabel)).toMatch(
    /^Read as \d, it is \d, \d+% sure\./,
  );
  // The axis grows with the run: what is at a fifth of it is long past.
  const plot = await (await site.thePage().$("#loss .u-over"))?.boundingBox();
  if (!plot) throw new Error("there is no plot");
  await site.thePage().mouse.move(plot.x + 0.2 * plot.width, plot.y + plot.height / 2);
  const at = / at step ([\d,]+)$/.exec(await site.text("#loss-value"))?.[1].replaceAll(",", "");
  expect(Number(at)).toBeLessThan(0.6 * steps);

  // In numbers: the first loss is that of the reference.
  await site.thePage().click("#loss-table summary");
  await site.thePage().waitForSelector("#loss-table td");
  const [first] = await site.numbersIn("#loss-table");
  await site.reference(7);
  const design = { sizes: [784, 128, 10], optimizer: "adam", learningRate: 0.002 } as const;
  const step = stepOn(new Network(design), await loadDigits(readMnist, "first"), 64);
  expect(first[0]).toBe(1);
  expect(first[1]).toBeCloseTo(await step().item(), 3);
  await site.thePage().click("#loss-table summary");
  await looksRight("digits", ["#loss", "#accuracy", "#why", "#tiles"]);

  // What it is told this is, it learns.
  await site.thePage().select("#teach select", "7");
  await site.button("Teach it").click();
  await verdictIs("This is a 7");

  await site.thePage().focus("#pad");
  await site.thePage().keyboard.press("Delete");
  expect(await site.ink("#seen")).toBe(0);
  expect(await site.text("#verdict")).toMatch(/^Draw a digit/);
  expect(await site.text("#bars")).not.toContain("%");
  // A tap leaves a dot, and the dot is read.
  await draw([[0.5, 0.5]]);
  expect(await site.ink("#pad")).toBeGreaterThan(300);
  await site.until(`document.querySelector("#verdict").textContent.includes("%")`);
  await site.thePage().keyboard.press("Escape");
  // A line by keyboard: from where the pen is, straight down.
  await site.thePage().keyboard.press("Space");
  for (let i = 0; i < 15; i++) await site.thePage().keyboard.press("ArrowDown");
  await site.until(`document.querySelector("#verdict").textContent.includes("%")`);
  expect(site.complaints()).toEqual([]);
});

test("a first thousand digits start the learning, and it waits for the others", async () => {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const forward = async ({ url = "" }: IncomingMessage, response: ServerResponse) => {
    if (url.endsWith("/rest.bin")) await released;
    const answer = await fetch(new URL(url, site.address));
    const type = answer.headers.get("content-type") ?? "";
    response.writeHead(answer.status, { "content-type": type });
    response.end(Buffer.from(await answer.arrayBuffer()));
  };
  const slow = createServer((request, response) => void forward(request, response));
  await new Promise<void>((listening) => slow.listen(0, listening));
  const address = new URL(site.address);
  address.port = String((slow.address() as AddressInfo).port);
  try {
    await site.open("digits.html#network=784-10", address.href);
    // Batches of 64 in a thousand.
    await site.stepReaches(15);
    expect(await site.thePage().$eval("#loss", (plot) => plot.ariaLabel)).toMatch(/over 15 steps/);
    release();
    await site.stepReaches(40);
    expect(site.complaints()).toEqual([]);
  } finally {
    release();
    await site.thePage().close();
    slow.closeAllConnections();
    slow.close();
  }
});

test("nothing moves, goes on for longer, and the link holds what is set in mid-run", async () => {
  await site.thePage().evaluateOnNewDocument(() => {
    const seen = Object.assign(globalThis, { shift: 0 });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        seen.shift += (entry as PerformanceEntry & { value: number }).value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  await site.open("digits.html#network=784-10&batch=256");
  await reads(50);
  // Web Vitals call a page good below 0.1.
  expect(await site.thePage().evaluate("shift")).toBeLessThan(0.05);
  const size = (selector: string) =>
    site.thePage().$eval(selector, (e) => [e.clientWidth, e.clientHeight].join());
  const plot = await size("#loss");
  await site.thePage().hover("#loss");
  expect(await site.text("#loss-value")).toMatch(/ at step \d+$/);
  expect(await size("#loss")).toBe(plot);

  const step = await site.gauge("step");
  await site.thePage().$eval('[name="rate"]', (input) => {
    (input as HTMLInputElement).value = "-2";
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await site.thePage().select('[name="epochs"]', "50");
  await site.until(`location.hash === "#network=784-10&rate=0.01&batch=256&epochs=50"`);
  expect(await site.gauge("step")).toBeGreaterThanOrEqual(step);
  await site.until(`document.querySelector("#controls").textContent.includes("of 50")`);
  const resting = await size("#controls .primary");
  await site.thePage().select('[name="epochs"]', "20");
  await site.isOn("Train more");
  expect(await size("#controls .primary")).toBe(resting);
  expect(await site.gauge("step")).toBe(20 * 31);
  await site.thePage().select('[name="optimizer"]', "sgd");
  await site.until(`location.hash.includes("optimizer=sgd") && !location.hash.includes("rate")`);
  await site.isOn("Pause");
  await site.stepReaches(10);
  await site.loseGpu();
  await reads(60);
  expect(site.complaints()).toEqual([]);
});
