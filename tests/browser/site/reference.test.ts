import { expect, test } from "vitest";
import * as site from "./harness.ts";
import { looksRight } from "./looks.ts";

site.useSite();

const shown = () =>
  site
    .thePage()
    .$$eval("article[data-kind]", (all) =>
      all.filter((each) => each.checkVisibility()).map(({ id }) => id),
    );

test("the reference is searched by word and by keyboard, and a link brings back a name or a search", async () => {
  const page = site.thePage();
  await site.open("reference.html");
  const all = await shown();
  expect(all.length).toBeGreaterThan(300);
  expect(await site.text("#story")).toContain(String(all.length));
  await page.keyboard.press("/");
  await page.keyboard.type("softmax");
  await site.until(`document.querySelector("#story em").textContent === "softmax"`);
  const found = await shown();
  expect(found).toEqual(expect.arrayContaining(["softmax", "nn.softmaxCrossEntropy"]));
  expect(found.length).toBeLessThan(20);
  expect(await site.text("#found")).toBe("Enter: softmax");
  await page.focus("#find");
  await site.until(`location.hash === "#search=softmax"`);
  await page.keyboard.press("Enter");
  await site.until(`location.hash === "#softmax"`);
  expect(await page.evaluate("document.activeElement.textContent")).toBe("softmax");

  // A name that the search hides comes back when a link leads to it.
  await page.evaluate(`location.hash = "#nn.linear"`);
  await site.until(`document.getElementById("nn.linear").checkVisibility()`);
  expect((await shown()).length).toBe(all.length);
  // Nothing is meant by half a letter.
  await page.evaluate(`location.hash = "#search=%E0%A4%A"`);
  await site.until(`document.querySelector("#story em").textContent === "%E0%A4%A"`);

  await site.open("index.html");
  await site.open("reference.html#search=cholesky");
  await site.until(`document.querySelector("#story em").textContent === "cholesky"`);
  expect(await shown()).toContain("cholesky");
  // Types are as they are written, and those of a family as they are for its member.
  const callOf = (name: string) => site.text(`[id="${name}"] pre`);
  expect(await callOf("grad")).toContain("(f: (...args: A) => Tensor, ");
  expect(await callOf("vjp")).toContain("{ [K in keyof A]: Gradient<A[K]> }");
  expect(await callOf("nn.sine")).toBe("sine(w0?: number): Activation");
  // Every link on the page leads to something.
  const broken = await page.$$eval("main a[href^='#']", (links) =>
    links
      .map((link) => decodeURIComponent(link.getAttribute("href")!.slice(1)))
      .filter((id) => !document.getElementById(id)),
  );
  expect(broken).toEqual([]);
  // What the search hides is nothing to be looked at, and costs most of the time in which that is found out.
  await page.$$eval("article[hidden]", (all) => all.forEach((each) => each.remove()));
  await looksRight("reference", ["#names", "#cholesky"]);
  expect(site.complaints()).toEqual([]);
});

test("programs of the reference run here, by a library that is loaded when the first is asked for", async () => {
  const page = site.thePage();
  const program = "p-differentiate-differentiation-grad";
  await site.open(`reference.html#${program}`);
  await site.until(`!document.querySelector("#${program} button").disabled`);
  const loaded = () =>
    page.evaluate(() =>
      performance
        .getEntriesByType("resource")
        .map(({ name }) => name)
        .filter((name) => name.endsWith(".js")),
    );
  expect((await loaded()).filter((name) => /worker/.test(name))).toEqual([]);
  await page.click(`#${program} button`);
  await site.until(
    `document.querySelector("#${program} [role=status]").textContent.includes(" ms")`,
  );
  expect(await site.text(`#${program} [role=status]`)).toMatch(/^[\d.]+ ms on \S.*, the making/);
  expect(await site.text(`#${program} output`)).toBe("[9, 18, 18]");
  // What needs more than the library is to be read alone.
  expect(await page.$$eval(".example:not(:has(button))", (all) => all.length)).toBeGreaterThan(5);
  expect(site.complaints()).toEqual([]);
});

test("without a script the reference is there, every name of it", async () => {
  const page = site.thePage();
  await page.setJavaScriptEnabled(false);
  await site.open("reference.html#softmax");
  expect((await page.$$("article[data-kind]")).length).toBeGreaterThan(300);
});
