import { init, random, tensor } from "cotangent";
import { expect, test } from "vitest";
import { examples, valueAt } from "../../../demo/approximation/curve.ts";
import { bumps, network } from "../../../demo/approximation/model.ts";
import {
  button,
  complaints,
  looksRight,
  loseGpu,
  open,
  pause,
  stepReaches,
  text,
  thePage,
  until,
  useSite,
} from "./harness.ts";

useSite();

const places = Float32Array.from({ length: 256 }, (_, i) => i / 255);

const number = async (selector: string) => Number(/[\d.]+$/.exec(await text(selector))?.[0] ?? NaN);

/** Drags over a canvas through points, given as shares of its size. */
async function drag(selector: string, points: readonly (readonly [x: number, y: number])[]) {
  const canvas = await thePage().$(selector);
  await canvas?.scrollIntoView();
  const box = await canvas?.boundingBox();
  if (!box) throw new Error(`${selector} is not to be seen`);
  const { mouse } = thePage();
  for (const [i, [x, y]] of points.entries()) {
    await mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 6 });
    if (i === 0) await mouse.down();
  }
  await mouse.up();
}

test("both sums come as near to the curve as the library's own, and follow what is drawn and pulled", async () => {
  const page = thePage();
  await open("approximation.html#bumps=9&units=5");
  await stepReaches(10);
  const steps = await pause();
  await until(`document.querySelector("#built-error").textContent !== "–"`);

  await init({ backend: "cpu" });
  random.seed(1);
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
  await until(`document.querySelector("#trained-error").textContent !== "–"`);
  expect((await number("#trained-error")) / trained).toBeCloseTo(1, 1);
  await looksRight("approximation", ["#pad", "#built", "#trained", "#errors"]);

  // A bump that is pulled makes the sum worse; the link holds it.
  const before = await number("#built-error");
  await drag("#built", [
    [0.5, 0.5],
    [0.5, 0.08],
  ]);
  await until(`location.hash.includes("pull=4%2C1")`);
  await until(
    `Number(document.querySelector("#built-error").textContent.slice(6)) > ${before + 0.05}`,
  );
  // What is drawn is what is approximated from then on, here a line.
  await button("Resume").click();
  await drag("#pad", [
    [0.001, 0.5],
    [0.999, 0.5],
  ]);
  await until(`location.hash.includes("curve=")`);
  await until(`Number(document.querySelector("#built-error").textContent.slice(6)) < 0.05`);
  await loseGpu();
  await until(`Number(document.querySelector("#trained-error").textContent.slice(6)) < 0.1`);
  const link = page.url();
  const shown = await number("#built-error");
  await page.reload();
  await until(`document.querySelector("#built-error").textContent !== "–"`);
  expect(page.url()).toBe(link);
  expect(await number("#built-error")).toBeCloseTo(shown, 3);
  expect(complaints()).toEqual([]);
});
