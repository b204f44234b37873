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
  expect(await site.text("#formula-error")).toMatch(/^At letter 3: This bracket is never closed/);
  expect(await site.text(".behind mark")).toBe("(");
  expect(await page.$eval("[name=formula]", (input) => input.ariaInvalid)).toBe("true");
  await type("-x^2 sin y");
  await site.until(`document.querySelectorAll(".places input").length === 2`);
  await site.until(`location.hash.includes("formula=-x%5E2+sin+y")`);
  await site.until(`document.querySelectorAll("#list tbody tr").length < 9`);
  expect(await site.text("#formula-error")).toBe("");
  await type("log(x - 3)");
  await site.until(`document.querySelector("#story").textContent.includes("no value")`);
  await site.until(`document.querySelector("#readings dd").textContent === "no value"`);
  // A link may hold what cannot be read, and is answered when it can be.
  await site.open("index.html");
  await site.open("derivatives.html#formula=x+(y&at=2");
  await site.until(`document.querySelector("#formula-error").textContent.includes("never closed")`);
  await type("x");
  await site.until(
    `document.querySelector("#story").textContent.startsWith("One assignment: forward mode walks it once")`,
  );
  await type("x y");
  await site.until(`document.querySelectorAll("#list tbody tr").length === 3`);
  // Numbers are what was typed, though part of it was a number before.
  await page.click("[name=x1]", { count: 3 });
  await page.keyboard.type("1e-12");
  await site.until(`location.hash.includes("at=1e-12%2C1")`);
  await page.keyboard.press("Backspace");
  await page.keyboard.press("Backspace");
  await page.keyboard.press("Tab");
  expect(await page.$eval("[name=x1]", (input) => (input as HTMLInputElement).value)).toBe("0.1");
  await page.click(".examples button:nth-child(2)");
  await site.until(`document.querySelector("#story").textContent.includes("forward mode walks")`);
  expect(site.complaints()).toEqual([]);
});

test("three methods race to the bottom of a bowl from where one begins them", async () => {
  const page = site.thePage();
  await site.open("derivatives.html#surface=bowl&race=0.9&epsilon=0.001");
  await site.until(`/\\d/.test(document.querySelector("#race-story").textContent)`);
  await site.drag("#tracks", [
    [0.5, 0.5],
    [0.25, 0.25],
  ]);
  await site.until(`location.hash.includes("start=-2%2C1.5")`);
  await page.focus("[name=start-y]");
  await page.keyboard.press("ArrowLeft");
  await site.until(`location.hash.includes("start=-2%2C1.45")`);
  await page.focus("[name=tiltX]");
  await page.keyboard.press("ArrowRight");
  // (x² + 12y²)/2 + 3 · 0.05 x is least at (−0.15, 0), where a step of Newton's method leads.
  await site.until(
    `document.querySelector("#race-table tr:last-child td:nth-child(3)")?.textContent === "a minimum at (−0.15, 0)"`,
  );
  expect((await rows("#race-table"))[2][1]).toBe("1");

  // What is left of the race is run.
  expect(await site.text("#race-player output")).toBe("729");
  await site.button("Race").click();
  await site.until(`document.querySelector("#race-player output").textContent === "1,000"`);
  // Each figure begins anew by itself.
  await page.click("#figure [data-action=reset]");
  await site.until(`!location.hash.includes("epsilon")`);
  expect(page.url()).toMatch(/surface=bowl&start=-2%2C1.45&tiltX=0.05$/);
  await page.click("#race [data-action=reset]");
  await site.until(`location.hash === "#surface=bowl"`);
  await looksRight("derivatives", [
    "#graph",
    "#errors canvas",
    "#curve canvas",
    "#map",
    "#tracks",
    "[data-rules=quadratics]",
  ]);
  expect(site.complaints()).toEqual([]);
});

test("whoever types, scrubs, drags and races never waits for the page", async () => {
  const page = site.thePage();
  await site.open("derivatives.html");
  await site.until(`document.querySelector("#speed").textContent !== "–"`);
  const across: site.Share[] = [
    [0.1, 0.5],
    [0.9, 0.5],
  ];
  const rest = () => new Promise((done) => setTimeout(done, 500));
  const uses = {
    async type() {
      await page.click("[name=formula]", { count: 3 });
      await page.keyboard.type("sin(x*y)+x^2", { delay: 80 });
      await rest();
    },
    async long() {
      const all = Array.from({ length: 14 }, (_, i) => `sin(x${(i % 3) + 1})^${i + 1}`);
      await page.$eval(
        "[name=formula]",
        (input, formula) => {
          (input as HTMLInputElement).value = formula;
          input.dispatchEvent(new Event("input", { bubbles: true }));
        },
        all.join("+"),
      );
      await site.until(`document.querySelectorAll("#list tbody tr").length > 30`);
    },
    scrub: () => site.drag("[name=step]", across),
    epsilon: () => site.drag("#errors .u-over", across),
    place: () => site.drag("#curve .u-over", across),
    start: () => site.drag("#tracks", across),
    async race() {
      await page.$eval("#race-player .primary", (button) => (button as HTMLElement).click());
      await rest();
    },
  };
  for (const [name, use] of Object.entries(uses))
    expect(await site.longestTask(100, use), name).toBeLessThan(100);
  expect(site.complaints()).toEqual([]);
});

test("rules for matrices are applied to one's own numbers, line by line", async () => {
  const page = site.thePage();
  await site.open("derivatives.html#rules=determinant");
  const shown = () =>
    page.$eval("[data-rules=determinant]", (list) =>
      [...list.querySelectorAll("output")].map((output) =>
        [...output.querySelectorAll("mn, mo")].map((e) => e.textContent).join(" "),
      ),
    );
  await site.until(`document.querySelectorAll("[data-rules=determinant] mn").length > 9`);
  await page.click("[aria-label='X, row 1, column 1']", { count: 3 });
  await page.keyboard.type("3");
  // det A det X det B = 1 · 4 · 2, and its gradient by X is 2 · (1, 1; −1, 3).
  await site.until(
    `document.querySelector("[data-rules=determinant] li:nth-child(5) output").textContent.includes("6")`,
  );
  expect((await shown())[4]).toBe("2 2 − 2 6");
  await site.until(`location.hash.includes("numbers=3%2C1")`);
  expect(await site.text("#rules-story")).toMatch(/^Each of these 5 lines is/);
  await site.button("Other numbers").click();
  await site.until(`!location.hash.includes("numbers=3%2C1")`);
  await page.click("[name=rules][value=softmax]");
  await site.until(`document.querySelectorAll("[data-rules=softmax] mn").length > 9`);
  expect(await page.$$("[data-rules]:not([hidden])")).toHaveLength(1);
  expect(site.complaints()).toEqual([]);
});

test("on a phone Play and Race lie at the lower edge while what they move is in view, one at a time", async () => {
  const page = site.thePage();
  await page.setViewport(site.phone);
  await site.calm();
  await site.open("derivatives.html");
  await site.until(`document.querySelectorAll("#list tbody tr").length > 0`);
  const lying = () =>
    page.$$eval(".in-reach .primary", (all) =>
      all
        .filter((each) => {
          const { top, bottom } = each.getBoundingClientRect();
          return top > 0 && bottom <= innerHeight;
        })
        .map((each) => each.textContent),
    );
  for (const [seen, bar] of [
    ["#graph", ["Play"]],
    ["#curve", ["Play"]],
    ["#ways", []],
    ["#map", ["Race"]],
    ["#race-table", ["Race"]],
    ["#rules-given", []],
  ] as const) {
    await page.$eval(seen, (element) => element.scrollIntoView({ block: "center" }));
    await expect.poll(lying, { message: seen, timeout: 5000 }).toEqual(bar);
  }
  // By keyboard they are found wherever one is.
  await page.focus("#race-player .primary");
  await expect.poll(lying).toContain("Race");
});
