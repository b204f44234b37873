import { ops } from "cotangent/check";
import { expect, test } from "vitest";
import { button, complaints, loseGpu, open, text, thePage, until, useSite } from "./harness.ts";
import { looksRight } from "./looks.ts";

useSite();

const rows = () =>
  thePage().$$eval("#rows > li", (all) =>
    all.map((row) => ({
      name: row.querySelector("b")?.textContent ?? "",
      kind: row.className,
      error: row.querySelector("span")?.textContent ?? "",
    })),
  );

const isDone = () => until(`document.querySelector("#controls .primary").textContent === "Test"`);

test("every op is compared, row by row; the report says what a bug report needs", async () => {
  const page = thePage();
  await open("validate.html");
  await until(`document.querySelectorAll("#rows > li").length > 0`);
  expect((await rows()).map(({ name }) => name)).toEqual(ops.map(({ name }) => name));
  expect(new Set((await rows()).map(({ kind }) => kind))).toEqual(new Set(["waiting"]));

  // What is chosen is in the link, and is all that is tested.
  await page.type("input[name=only]", "softmax, sort");
  const chosen = ops.map(({ name }) => name).filter((name) => /softmax|sort/i.test(name));
  await until(`document.querySelectorAll("#rows > li").length === ${chosen.length}`);
  await button("Test").click();
  await until(`document.querySelector("#controls .primary").textContent === "Stop"`);
  await isDone();
  for (const { name, kind, error } of await rows()) {
    expect(kind, name).toBe("right");
    expect(error, name).toMatch(/ulp|same/);
  }
  expect(await text("#story")).toContain(`computes ${chosen.length} ops`);
  const report = await text("#report");
  expect(report).toContain("0 wrong");
  expect(report).toContain("swiftshader");
  expect(report).toContain("maxStorageBuffersPerShaderStage");
  await page.click("#rows summary");
  await until(`document.querySelectorAll("#rows li li").length > 0`);

  await page.select("select[name=by]", "kernel").catch(() => page.click("input[value=kernel]"));
  await until(
    `[...document.querySelectorAll("#rows > li b")].some((b) => b.textContent === "softmax" || b.textContent.includes("sub exp"))`,
  );
  const link = page.url();
  expect(link).toContain("only=softmax");
  await looksRight("validate", ["#errors canvas"]);

  // Another visitor finds what the link says.
  await page.goto("about:blank");
  await page.goto(link);
  await until(`document.querySelector("input[name=only]").value === "softmax, sort"`);
  expect(complaints()).toEqual([]);
});

test("it stops at once, and survives the loss of the GPU", async () => {
  await open("validate.html#only=matmul,conv");
  await until(`document.querySelectorAll("#rows > li").length > 0`);
  await button("Test").click();
  await until(
    `!/^0 of/.test(document.querySelector("#controls dd").textContent) && document.querySelector("#controls dd").textContent !== "–"`,
  );
  await loseGpu();
  await isDone();
  expect((await rows()).map(({ kind }) => kind)).not.toContain("wrong");
  expect(await text("#story")).not.toContain("wrong");

  await button("Test").click();
  await until(`document.querySelector("#controls .primary").textContent === "Stop"`);
  await button("Stop").click();
  await isDone();
  expect(complaints()).toEqual([]);
});

test("a recipe ends inside PyTorch's bands after the epochs that are chosen, and the next is stopped at once", async () => {
  await open("validate.html#epochs=1");
  await until(`document.querySelectorAll("#rows > li").length > 0`);
  await button("Train").click();
  await until(`document.querySelector("#bands .inside, #bands .outside") !== null`);
  await button("Stop").click();
  await until(`document.querySelector("#recipes .primary").textContent === "Train"`);
  expect(await thePage().$$("#bands .outside")).toHaveLength(0);
  expect((await thePage().$$("#bands .known")).length).toBeLessThan(8);
  const report = await text("#report");
  expect(report).toContain("inside PyTorch's bands");
  expect(report).toContain("seed 2, epoch 1: loss");
  expect(complaints()).toEqual([]);
});
