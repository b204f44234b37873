import { expect, test } from "vitest";
import * as site from "./harness.ts";
import { looksRight } from "./looks.ts";

site.useSite();

const output = (name: string) => site.text(`[data-program="${name}"] output`);

const ended = (name: string) =>
  site.until(
    `/^[\\d.]+ ms/.test(document.querySelector('[data-program="${name}"] [role=status]').textContent)`,
  );

test("every program of the guide runs, and writes what its comments say", async () => {
  const page = site.thePage();
  await site.open("guide.html");
  await ended("tensors");
  expect(await output("tensors")).toMatch(/^\[\[8, 11\], \[16, 23\]\]\nFloat32Array \[24, 34\]\n/);
  expect(await site.text("#device")).not.toContain("Looking");
  await looksRight("guide", ["[data-program=tensors]", "[data-program=compile]", "#losses"]);
  const names = await page.$$eval("[data-program]", (all) =>
    all.map((each) => (each as HTMLElement).dataset["program"]!),
  );
  for (const name of names.slice(1)) {
    await page.$eval(`[data-program="${name}"] button`, (button) => button.click());
    await ended(name);
  }
  expect(await output("training")).toMatch(/\[0, 1, 1, 0\]$/);
  // What it wrote is drawn, too, beside a number about this machine; its link leads there.
  expect(await site.text("#losses-read")).toMatch(/^0\.00\d+ at step 300$/);
  expect(Number(await site.text("#speed"))).toBeGreaterThan(0);
  // Whoever asks again while it runs has it run once.
  const begun = await page.evaluate(() => {
    const { Worker: Own } = window;
    let count = 0;
    window.Worker = class extends Own {
      constructor(...given: ConstructorParameters<typeof Worker>) {
        super(...given);
        count++;
      }
    };
    const again = document.querySelector<HTMLElement>("#figure [data-action=reset]")!;
    again.click();
    again.click();
    window.Worker = Own;
    return count;
  });
  expect(begun).toBe(1);
  await ended("training");
  expect(await output("gradients")).toMatch(/^\[9, 18, 18\]\n/);
  expect(await output("saving")).toMatch(/\n(\S+) \1$/);
  // Nothing moves when a program writes: there is room for its lines.
  const heights = await page.$$eval("output", (all) =>
    all.map((each) => each.scrollHeight - each.clientHeight),
  );
  expect(Math.max(...heights)).toBeLessThanOrEqual(0);
  // What the guide names is in the reference.
  const wanted = await page.$$eval("main a[href*='reference.html#']", (links) =>
    links.map((link) => link.getAttribute("href")!.split("#")[1]),
  );
  expect(wanted.length).toBeGreaterThan(15);
  await site.open("reference.html");
  const there = await page.evaluate(
    (ids) => ids.filter((id) => !document.getElementById(id)),
    wanted,
  );
  expect(there).toEqual([]);
  expect(site.complaints()).toEqual([]);
});
