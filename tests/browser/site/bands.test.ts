import { expect, test } from "vitest";
import { complaints, open, text, thePage, useSite } from "./harness.ts";

useSite();

test("the recipes end inside PyTorch's bands", { timeout: 600_000 }, async () => {
  const page = thePage();
  await open("bands.html");
  await page.click("#run");
  await page.waitForFunction(`document.querySelector("#state").textContent.endsWith(".")`, {
    timeout: 600_000,
  });
  console.log(await page.$eval("#results", (results) => (results as HTMLElement).innerText));
  expect(await text("#state")).toBe("3 of 3 recipes inside PyTorch's bands.");
  expect(await page.$$("#results tr")).toHaveLength(12);
  expect(complaints()).toEqual([]);
});
