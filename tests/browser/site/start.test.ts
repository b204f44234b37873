import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { init, random } from "cotangent";
import { expect, test } from "vitest";
import { model } from "../../../demo/index/model.ts";
import {
  builtFiles,
  complaints,
  gaugeReaches,
  isOn,
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

test("a network learns at once, with the numbers of the library, and survives the loss of the GPU", async () => {
  await open("#units=24&batch=64");
  await stepReaches(12);
  await pause();
  const shown = await thePage().$$eval("#losses tr", (rows) =>
    rows.map((row) => [...row.children].map((cell) => Number(cell.textContent))),
  );
  await init({ backend: "cpu" });
  random.seed(1);
  const losses = await model({ units: 24, batch: 64 }).step.repeat(10)().data();
  expect(shown.slice(0, 4).map(([step]) => step)).toEqual([1, 2, 5, 10]);
  for (const [step, loss] of shown.slice(0, 4)) expect(loss).toBeCloseTo(losses[step - 1], 4);

  await thePage().click("#controls .primary");
  await gaugeReaches("told apart", 60);
  expect(await text("#story")).toMatch(/looked at [\d,]+ examples and tells [\d.]+% of/);
  expect(await text("#speed")).toMatch(/^[\d.,]+$/);
  await looksRight("start", ["#map"]);
  await loseGpu();
  await stepReaches(100);
  await looksRight("start-after-loss", ["#map"]);
  expect(complaints()).toEqual([]);
});

test("a number that is changed in the code begins the training anew, and is in the link", async () => {
  await open("");
  await stepReaches(5);
  const units = await thePage().$("[data-setting=units]");
  await units?.click({ count: 3 });
  await units?.type("12");
  await until(`location.hash === "#units=12"`);
  await isOn("Pause");
  await stepReaches(1);
  // What makes no sense is not taken, and goes when one leaves.
  await units?.click({ count: 3 });
  await units?.type("none");
  expect(await units?.evaluate((input) => input.ariaInvalid)).toBe("true");
  await thePage().keyboard.press("Tab");
  expect(await units?.evaluate((input) => (input as HTMLInputElement).value)).toBe("12");
  // The skip link leads to the page and leaves the link as it is.
  await thePage().focus(".skip");
  await thePage().keyboard.press("Enter");
  expect(await thePage().evaluate("document.activeElement.id")).toBe("main");
  expect(await thePage().evaluate("location.hash")).toBe("#units=12");

  await thePage().reload();
  await stepReaches(1);
  expect(await thePage().$eval("[data-setting=units]", (e) => (e as HTMLInputElement).value)).toBe(
    "12",
  );
  expect(complaints()).toEqual([]);
});

test("the first page takes less than 150 kB", async () => {
  const { requests, bytes } = await sizeOf("index.html");
  console.log(`first page: ${requests} files, ${(bytes / 1000).toFixed(1)} kB`);
  expect(bytes).toBeLessThan(150_000);
});

/** What a page fetches until it trains, gzipped. */
async function sizeOf(path: string): Promise<{ requests: number; bytes: number }> {
  const urls = new Set<string>();
  const note = ({ url }: { url: string }) =>
    urls.add(new URL(url).pathname.split("/").at(-1) ?? "");
  const session = await thePage().createCDPSession();
  await session.send("Network.enable");
  await session.send("Target.setAutoAttach", {
    autoAttach: true,
    flatten: true,
    waitForDebuggerOnStart: false,
  });
  session.on("Network.responseReceived", ({ response }) => note(response));
  await open(path);
  await stepReaches(1);
  const loaded = await thePage().evaluate(
    "performance.getEntriesByType('resource').map((entry) => entry.name)",
  );
  for (const url of loaded as string[]) note({ url });
  // What a worker imports is told to nobody here: all scripts of the site that a worker's script names.
  const assets = await readdir(join(builtFiles(), "assets"));
  const named = async (file: string): Promise<void> => {
    const script = await readFile(join(builtFiles(), "assets", file), "utf8");
    for (const other of assets) {
      const isStatic = new RegExp(`from\\s*["'\`]\\./${other}`).test(script);
      if (isStatic && !urls.has(other)) {
        urls.add(other);
        await named(other);
      }
    }
  };
  for (const file of assets) if (urls.has(file) && file.endsWith(".js")) await named(file);
  let bytes = gzipSync(await readFile(join(builtFiles(), path))).length;
  for (const file of assets)
    if (urls.has(file))
      bytes += gzipSync(await readFile(join(builtFiles(), "assets", file))).length;
  return { requests: urls.size, bytes };
}
