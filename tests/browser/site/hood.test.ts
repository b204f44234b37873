import { init } from "cotangent";
import { inspect } from "cotangent/check";
import { expect, test } from "vitest";
import { subjectOf } from "../../../demo/hood/model.ts";
import { operationsIn } from "../../../demo/hood/words.ts";
import * as site from "./harness.ts";
import { looksRight } from "./looks.ts";

site.useSite();

const numbersInStory = () =>
  site.thePage().$$eval("#story em", (all) => all.map((em) => em.textContent.replaceAll(",", "")));
const isTimed = () => site.until(`document.querySelector("#speed").textContent !== "–"`);
const litIn = (selector: string) => site.thePage().$$eval(`${selector} .lit`, (all) => all.length);

test("the graph, its programs, their source, memory and times are of the network that a page links to", async () => {
  const page = site.thePage();
  // The way from a page that trains, with what is set there.
  await site.open("index.html#units=8");
  await page.click("[data-hood]");
  await isTimed();
  const { info } = await init({ backend: "cpu" });
  const { step } = await subjectOf("index", { link: "units=8", base: "", info });
  const operations = operationsIn(await inspect(step));
  const [name, count, programs] = await numbersInStory();
  expect([name, Number(count)]).toEqual(["2-8-8-1", operations]);
  for (const each of ["#programs button", "#graph .box", "#graph .inside"])
    expect(await page.$$eval(each, (all) => all.length)).toBe(Number(programs));
  expect(await page.$eval("#home", (link) => link.getAttribute("href"))).toBe(
    "./index.html#units=8",
  );

  // What is chosen lights up everywhere; arrows go on, and the link follows.
  await page.focus("#programs button");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await site.until(`location.hash.includes("program=2")`);
  await site.until(`document.querySelector("#source").textContent.includes("@compute")`);
  expect(await litIn("#programs")).toBe(1);
  for (const part of ["#graph", "#memory"]) expect(await litIn(part)).toBeGreaterThan(0);

  // An operation that is pointed at lights up its program, and a block of memory those that use it.
  await page.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
  await page.click("#view [value=operations]");
  await site.until(`document.querySelector("#graph .is-open") !== null`);
  await page.hover("#graph .node");
  await site.until(`/: makes /.test(document.querySelector("#pointed").textContent)`);
  await page.hover("#memory .block");
  await site.until(`/^a value of /.test(document.querySelector("#pointed").textContent)`);
  await page.mouse.move(0, 0);
  await page.click("#words summary");
  await page.waitForSelector("#words td");
  expect(await page.$$eval("#words tbody tr", (all) => all.length)).toBe(Number(programs));
  await page.click("#words summary");
  await looksRight("hood", ["#graph", "#programs", "#memory", "#source", "#timeline"]);

  // Another page's link.
  await page.type("#link", "https://a.b/playground.html#layers=5");
  await page.keyboard.press("Enter");
  await site.until(`document.querySelector("#story em").textContent === "2-5-1"`);
  expect(site.complaints()).toEqual([]);
});

test("without a GPU the reference's operations are shown", async () => {
  const page = site.thePage();
  await site.open("hood.html?backend=cpu#net=approximation&with=units%3D3");
  await isTimed();
  expect(await site.text("#story")).toMatch(/one by one/);
  expect(await page.$$eval("#programs button", (all) => all.length)).toBeGreaterThan(20);
  expect(site.complaints()).toEqual([]);
});
