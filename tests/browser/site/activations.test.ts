import { complexStepGrad, tensor } from "cotangent";
import { expect, test } from "vitest";
import { activations } from "../../../demo/activations/list.ts";
import { depths, derivatives } from "../../../demo/activations/model.ts";
import { names } from "../../../demo/activations/settings.ts";
import * as site from "./harness.ts";
import { looksRight } from "./looks.ts";

site.useSite();

const shown = () => Promise.all([0, 1, 2].map((i) => site.number(`#value-${i}`)));

const pick = async (name: string) => {
  await site.thePage().click(`[name=activation][value=${name}]`);
  await site.until(
    `document.querySelector("#story em").textContent === "${names[name as "tanh"]}"`,
  );
};

test("value, slope and curvature are the reference's, at every x that is dragged to, and after a loss", async () => {
  const page = site.thePage();
  await site.open("activations.html#activation=gelu&x=-1.5&init=heNormal");
  await site.until(`document.querySelector("#value-2").textContent !== "–"`);
  await site.until(`document.querySelector("#speed").textContent !== "–"`);
  await site.reference();
  const expected = async (name: keyof typeof activations, x: number) =>
    [...(await derivatives(activations[name])(tensor([x])).data<Float32Array>())].map((v) =>
      Number(v.toFixed(4)),
    );
  const first = await expected("gelu", -1.5);
  expect(first[1]).toBeCloseTo(
    (await complexStepGrad((x) => activations.gelu(x).sum(), tensor([-1.5])))[0],
    4,
  );
  const agree = (numbers: readonly number[], others: readonly number[]) =>
    numbers.forEach((value, i) => expect(value).toBeCloseTo(others[i], 3));
  agree(await shown(), first);

  // The gradient through 20 layers, as the table has it.
  await page.click("#depth-table summary");
  await page.waitForSelector("#depth-table td");
  const rows = await site.numbersIn("#depth-table");
  const sizes = await depths(activations.gelu, "heNormal")().data<Float32Array>();
  expect(rows).toHaveLength(21);
  for (const [layer, gradient, value] of rows) {
    expect(gradient / sizes[21 + layer]).toBeCloseTo(1, 1);
    expect(value / sizes[layer]).toBeCloseTo(1, 1);
  }
  await page.click("#depth-table summary");
  await looksRight("activations", ["#plot-0", "#plot-1", "#plot-2", "#depths"]);

  // Dragging on a plot moves x, and the link follows.
  const over = await page.$("#plot-1 .u-over");
  await over?.scrollIntoView();
  const plot = await over?.boundingBox();
  if (!plot) throw new Error("there is no plot");
  await page.mouse.move(plot.x + 0.3 * plot.width, plot.y + plot.height / 2);
  await page.mouse.down();
  await page.mouse.move(plot.x + 0.75 * plot.width, plot.y + plot.height / 2, { steps: 4 });
  await page.mouse.up();
  const x = Number(await page.$eval("[name=x]", (input) => (input as HTMLInputElement).value));
  expect(Math.abs(x - 2.5)).toBeLessThanOrEqual(0.05);
  await site.until(`location.hash.includes("x=${x}&")`);
  // By keyboard too.
  await page.focus("[name=x]");
  await page.keyboard.press("ArrowRight");
  await site.until(`location.hash.includes("x=${Number((x + 0.05).toFixed(2))}&")`);

  await pick("sigmoid");
  expect(await site.text("#story")).toMatch(/sigmoid, next to nothing is left of the gradient/);
  await site.loseGpu();
  await pick("tanh");
  const [value] = await expected("tanh", Number((x + 0.05).toFixed(2)));
  await site.until(
    `Math.abs(Number(document.querySelector("#value-0").textContent.replace("−", "-")) - ${value}) < 2e-4`,
  );

  // A phone's row of them shows the one that is chosen, wherever it stands in it.
  await page.setViewport(site.phone);
  await site.open("activations.html#activation=hardShrink");
  const isInRow = () =>
    page.$$eval("#chips, #chips :checked + span", (both) => {
      const [row, chosen] = both.map((element) => element.getBoundingClientRect());
      return chosen.left >= row.left && chosen.right <= row.right;
    });
  await expect.poll(isInRow).toBe(true);
  expect(site.complaints()).toEqual([]);
});
