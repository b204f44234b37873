import { expect, test } from "vitest";
import { contest, Pool, scoreOf } from "../../../demo/playground/model.ts";
import { mostPainted } from "../../../demo/playground/painted.ts";
import { samples } from "../../../demo/playground/samples.ts";
import { fields } from "../../../demo/playground/settings.ts";
import * as site from "./harness.ts";
import { looksRight } from "./looks.ts";

site.useSite();

/** Waits until the link has, or lacks, these words. */
const linkHas = (words: string, has = true) =>
  site.until(`location.hash.includes("${words}") === ${has}`);

const lookedAt = (name: string) =>
  site.until(`document.querySelector("#looked").textContent === "${name}"`);

const unit = (layer: number, i: number) => `#units [data-layer="${layer}"][data-unit="${i}"]`;

test("at 1280 × 800 all that one watches while it learns is in view", async () => {
  await site.calm();
  await site.open("playground.html");
  await site.isOn("Start");
  const below = await site
    .thePage()
    .$$eval("#answer, #line, #losses, #losses-read, .machine, #training label", (all) =>
      all.filter((e) => e.getBoundingClientRect().bottom > innerHeight).map(({ id }) => id),
    );
  expect(below).toEqual([]);
});

test("network and line learn as the library does, step by step", async () => {
  const page = site.thePage();
  // Nobody who asks for little motion is shown any unasked.
  await page.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
  await site.open("playground.html#data=xor&count=100&painted=abcdef&layers=6&batch=8&penalty=L2");
  await site.isOn("Start");
  for (let step = 1; step <= 5; step++) {
    await site.button("One step").click();
    await site.until(`document.querySelector("#losses").ariaLabel.includes("at step ${step},")`);
  }
  await site.isOn("Resume");
  await page.click("#losses-table summary");
  await page.waitForSelector("#losses-table td");
  const shown = await site.numbersIn("#losses-table");

  await site.reference();
  const design = {
    inputs: ["x1", "x2"],
    layers: [6],
    activation: "tanh",
    optimizer: "adam",
    rate: 0.02,
    penalty: "L2",
    strength: 0.001,
    batch: 8,
    heights: false,
  } as const;
  const painted = fields.painted.parse("abcdef") ?? [];
  const points = samples({ data: "xor", count: 100, noise: 0.1, seed: 1, tested: 0.5, painted });
  const pools = [points.train, points.test].map((part) => {
    const pool = new Pool(100 + mostPainted);
    pool.fill(part);
    return pool;
  });
  const both = contest(pools[0], design);
  const score = scoreOf(both, pools, false);
  for (const [step, line, train, tests] of shown) {
    const [ofTrain, , , , ofTests, , ofLine] = await score().data();
    expect(line, `step ${step}`).toBeCloseTo(ofLine, 2);
    expect(train, `step ${step}`).toBeCloseTo(ofTrain, 2);
    expect(tests, `step ${step}`).toBeCloseTo(ofTests, 2);
    both.step();
  }
  expect(shown).toHaveLength(6);
  expect(site.complaints()).toEqual([]);
});

test("what is set, painted and pointed at is followed, and the link brings it back", async () => {
  const page = site.thePage();
  await site.open("playground.html#noise=0&rate=0.05");
  await site.until(`parseFloat(document.querySelector("#right").textContent) > 95`);
  expect(await site.text("#story")).toMatch(/tells [\d.]+% of new points apart, a straight line/);
  expect(parseFloat(await site.text("#line-right"))).toBeLessThan(75);
  expect(await site.text("#speed")).toMatch(/^[\d.,]+$/);
  await site.pause();
  await looksRight("playground", ["#network", "#answer"]);

  // A unit is enlarged when it is pointed at, or reached by keyboard.
  await page.hover(unit(1, 3));
  await lookedAt("Layer 1, unit 4");
  await page.focus(unit(1, 0));
  for (const key of ["ArrowDown", "ArrowRight", "ArrowDown"] as const)
    await page.keyboard.press(key);
  await lookedAt("Layer 2, unit 3");
  await page.keyboard.press("ArrowRight");
  await lookedAt("The answer");

  // One that was pressed shows its weights, which can be changed while it learns.
  await site.button("Resume").click();
  await page.click(unit(1, 2));
  await site.until(`document.querySelectorAll("#weights input").length === 3`);
  await page.click("#weight-1", { count: 3 });
  await page.type("#weight-1", "77");
  await page.keyboard.press("Tab");
  await site.until(`Math.abs(document.querySelector("#weight-1").value - 77) < 5`);
  await page.click(unit(1, 2));
  await site.until(`document.querySelectorAll("#weights input").length === 0`);

  // What is painted while it learns is learned, and nothing begins anew.
  const step = await site.gauge("step");
  await site.drag("#sheet", [
    [0.3, 0.9],
    [0.7, 0.9],
  ]);
  await page.keyboard.press("2");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Space");
  await linkHas("painted=");
  expect(await site.gauge("step")).toBeGreaterThanOrEqual(step);

  await page.click("#inputs button:nth-child(3)");
  await linkHas("inputs=x1+x2+x1x1");
  await page.click('[aria-label="One hidden layer more"]');
  await linkHas("layers=8-4-4");
  await page.focus('[aria-label="Units of hidden layer 3"]');
  await page.keyboard.press("ArrowDown");
  await linkHas("layers=8-4-3");
  await page.click('[name="data"][value="moons"]');
  await linkHas("data=moons");
  await site.isOn("Pause");
  await site.stepReaches(20);
  await site.loseGpu();
  await site.stepReaches(100);

  const link = page.url();
  await page.reload();
  // What is moved before anything computes, and while another run is due, is followed by that run.
  const move = (name: string, value: string) =>
    page.$eval(
      `[name="${name}"]`,
      (input, value) => {
        (input as HTMLInputElement).value = value;
        for (const kind of ["input", "change"])
          input.dispatchEvent(new Event(kind, { bubbles: true }));
      },
      value,
    );
  await move("noise", "0.2");
  await site.stepReaches(1);
  await move("count", "10000");
  await move("noise", "0");
  await linkHas("count=10000");
  await site.stepReaches(1);
  await move("count", "400");
  await site.until(`location.href === ${JSON.stringify(link)}`);
  await site.stepReaches(1);
  expect(await page.$$eval("#widths input", (all) => all.map((e) => e.value))).toEqual([
    "8",
    "4",
    "3",
  ]);
  expect(await page.$$eval('#inputs [aria-pressed="true"]', (all) => all.length)).toBe(3);
  // Only where there are painted points can they be wiped.
  await site.button("Wipe").click();
  await linkHas("painted=", false);
  expect(site.complaints()).toEqual([]);
});

test("a thousand units learn a hundred thousand points, and are all to be seen", async () => {
  const page = site.thePage();
  await site.open("playground.html");
  await site.button("8 × 128 units, 100,000 points").click();
  await linkHas("count=100000");
  await site.stepReaches(1);
  expect(await page.$$eval("#units button", (all) => all.length)).toBe(1025);
  await page.hover(unit(8, 127));
  await lookedAt("Layer 8, unit 128");
  await site.button("Back to a small one").click();
  await site.until(`location.hash === ""`);
  await site.stepReaches(1);
  expect(site.complaints()).toEqual([]);
});
