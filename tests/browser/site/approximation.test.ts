import { tensor } from "cotangent";
import { expect, test } from "vitest";
import { examples, valueAt } from "../../../demo/approximation/curve.ts";
import { bumps, network } from "../../../demo/approximation/model.ts";
import * as site from "./harness.ts";
import { looksRight } from "./looks.ts";

site.useSite();

const places = Float32Array.from({ length: 256 }, (_, i) => i / 255);

const number = async (selector: string) =>
  Number(/[\d.]+$/.exec(await site.text(selector))?.[0] ?? NaN);

test("both sums come as near to the curve as the library's own, and follow what is drawn and pulled", async () => {
  const page = site.thePage();
  await site.open("approximation.html#bumps=9&units=5");
  await site.stepReaches(10);
  const steps = await site.pause();
  await site.until(`document.querySelector("#built-error").textContent !== "–"`);

  await site.reference();
  const x = tensor(places);
  const y = tensor(places.map((at) => valueAt(examples.hills, at)));
  const column = (values: number[]) => tensor(values, [9, 1]);
  const ends = Array.from({ length: 10 }, (_, i) => (i === 0 ? -1 : i === 9 ? 2 : i / 9));
  const heights = Array.from({ length: 9 }, (_, i) => valueAt(examples.hills, i / 9));
  const sum = bumps(
    x,
    column(ends.slice(0, 9)),
    column(ends.slice(1)),
    column(heights),
    tensor(300),
  ).sum(0);
  const built = await sum.sub(y).square().mean().sqrt().item();
  expect(await number("#built-error")).toBeCloseTo(built, 3);
  const { step, terms } = network(x, y, { units: 5, rate: 0.03 });
  await step.repeat(steps)().data();
  const trained = await terms().sum(0).sub(y).square().mean().sqrt().item();
  await site.until(`document.querySelector("#trained-error").textContent !== "–"`);
  expect((await number("#trained-error")) / trained).toBeCloseTo(1, 1);
  await looksRight("approximation", ["#pad", "#built", "#trained", "#errors"]);

  // A bump that is pulled makes the sum worse; the link holds it.
  const before = await number("#built-error");
  await site.drag("#built", [
    [0.5, 0.5],
    [0.5, 0.08],
  ]);
  await site.until(`location.hash.includes("pull=4%2C1")`);
  await site.until(
    `Number(document.querySelector("#built-error").textContent.slice(6)) > ${before + 0.05}`,
  );
  // What is drawn is what is approximated from then on, here a line.
  await site.button("Resume").click();
  await site.drag("#pad", [
    [0.001, 0.5],
    [0.999, 0.5],
  ]);
  await site.until(`location.hash.includes("curve=")`);
  await site.until(`Number(document.querySelector("#built-error").textContent.slice(6)) < 0.05`);
  await site.loseGpu();
  await site.until(`Number(document.querySelector("#trained-error").textContent.slice(6)) < 0.1`);
  await site.until(`Number(document.querySelector("#built-error").textContent.slice(6)) < 0.05`);
  const link = page.url();
  const shown = await number("#built-error");
  await page.reload();
  await site.until(`document.querySelector("#built-error").textContent !== "–"`);
  expect(page.url()).toBe(link);
  expect(await number("#built-error")).toBeCloseTo(shown, 3);
  expect(site.complaints()).toEqual([]);
});
