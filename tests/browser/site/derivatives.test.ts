import { numericGradError, tensor } from "cotangent";
import { expect, test } from "vitest";
import { differentiate, evaluate } from "../../../demo/derivatives/functions.ts";
import { numeral } from "../../../demo/derivatives/format.ts";
import { readExpression } from "../../../demo/derivatives/read.ts";
import * as site from "./harness.ts";
import { looksRight } from "./looks.ts";

site.useSite();

/** The texts of a table's rows. */
const rows = (selector: string) =>
  site
    .thePage()
    .$$eval(`${selector} tbody tr`, (all) =>
      all.map((tr) => [...tr.children].map((cell) => cell.textContent ?? "")),
    );

test("both modes walk the lecture's formula, and their numbers are those found by hand", async () => {
  const page = site.thePage();
  await site.open("derivatives.html#by=2&step=18");
  await site.until(`document.querySelectorAll("#list tbody tr").length === 9`);
  const { expression } = readExpression("(x1 x2 sin x3 + exp(x1 x2))/x3");
  const at = [1, 2, 3];
  const list = await rows("#list");
  const gradient = at.map((_, i) => evaluate(differentiate(expression!, i), at));
  const last = list[8];
  expect(last.slice(1, 5)).toEqual([evaluate(expression!, at), ...gradient].map((v) => numeral(v)));
  expect(list.slice(0, 3).map((row) => row[5])).toEqual(gradient.map((v) => numeral(v)));

  // The playhead: nothing is known before it comes there.
  await page.focus("[name=step]");
  await page.keyboard.press("Home");
  await site.until(`document.querySelector("#list tbody td").textContent === ""`);
  await page.keyboard.press("ArrowRight");
  await site.until(`document.querySelector("#list tbody td").textContent === "1"`);
  await site.until(`location.hash.includes("step=1")`);
  expect(await site.text("#story")).toMatch(/^Forward: x₁ is given, and its derivative by x₂ is 0/);

  // Differences at the place that is picked are those of the library.
  const { eps, central } = await numericGradError((x) => {
    const [a, b, c] = [0, 1, 2].map((i) => x.slice([i], [i + 1]).reshape([]));
    return a.mul(b).mul(c.sin()).add(a.mul(b).exp()).div(c);
  }, tensor(at));
  await page.focus("[name=epsilon]");
  await page.keyboard.press("Home");
  await site.until(`location.hash.includes("epsilon=1e-15")`);
  const near = eps.findIndex((e) => Math.abs(Math.log10(e) + 15) < 0.01);
  await site.until(
    `document.querySelectorAll("#readings dd")[1]?.textContent === "${numeral(central[near], 2)}"`,
  );
  const ways = await rows("#ways");
  expect(ways.map(([name]) => name)).toHaveLength(6);
  for (const way of ["complex steps", "forward mode", "reverse mode"])
    expect(ways.find(([name]) => name === way)?.[1]).toMatch(/^0$|10⁻¹[5-9]/);
  await site.until(`document.querySelector("#speed").textContent !== "–"`);
  await looksRight("derivatives", ["#graph", "#errors canvas", "#curve canvas"]);
  expect(site.complaints()).toEqual([]);
});

test("a formula of one's own is read as it is typed, or says where it cannot be, or has no value", async () => {
  const page = site.thePage();
  await site.open("derivatives.html");
  await site.until(`document.querySelectorAll("#list tbody tr").length === 9`);
  const type = async (text: string) => {
    await page.click("[name=formula]", { count: 3 });
    await page.type("[name=formula]", text);
  };
  await type("x (y + ");
  expect(await site.text("#formula-error")).toMatch(/never closed/);
  expect(await page.$eval("[name=formula]", (input) => input.ariaInvalid)).toBe("true");
  await type("-x^2 sin y");
  await site.until(`document.querySelectorAll(".places input").length === 2`);
  await site.until(`location.hash.includes("formula=-x%5E2+sin+y")`);
  await site.until(`document.querySelectorAll("#list tbody tr").length < 9`);
  expect(await site.text("#formula-error")).toBe("");
  await type("log(x - 3)");
  await site.until(`document.querySelector("#story").textContent.includes("no value")`);
  await site.loseGpu();
  await page.click(".examples button:nth-child(2)");
  await site.until(`document.querySelector("#story").textContent.includes("forward mode walks")`);
  expect(site.complaints()).toEqual([]);
});
