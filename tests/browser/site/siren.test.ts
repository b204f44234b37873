import { tensor } from "cotangent";
import { expect, test } from "vitest";
import { contest } from "../../../demo/siren/model.ts";
import { decibels } from "../../../demo/siren/picture.ts";
import { scene } from "../../../demo/siren/scene.ts";
import * as site from "./harness.ts";
import { looksRight } from "./looks.ts";

site.useSite();

const likeness = async (name: string) => parseFloat(await site.text(gaugeOf(name)));
const gaugeOf = (name: string) => `#controls dl > div:nth-child(${name === "sine" ? 2 : 3}) dd`;

/** Drops a file on the page, as a visitor drags it there; `make` is the body of a function that gives it. */
const drop = (make: string) =>
  site.thePage().evaluate(`(async () => {
    const file = await (async () => { ${make} })();
    const dataTransfer = new DataTransfer();
    if (file) dataTransfer.items.add(file);
    const options = { dataTransfer, bubbles: true, cancelable: true };
    document.body.dispatchEvent(new DragEvent("dragover", options));
    document.body.dispatchEvent(new DragEvent("drop", options));
  })()`);

/** How many bytes a picture of part of the networks takes, from so far on, so wide: those of a blank one are few. */
async function sizeOf(from: number, width: number): Promise<number> {
  const box = await (await site.thePage().$("#wipe"))?.boundingBox();
  if (!box) throw new Error("there is no #wipe");
  const clip = {
    x: box.x + from * box.width,
    y: box.y + 0.2 * box.height,
    width: width * box.width,
    height: 0.7 * box.height,
  };
  return (await site.thePage().screenshot({ clip })).length;
}

/** What kind of file is saved, and how wide the picture in it is. */
const saved = () =>
  site.thePage().evaluate(`new Promise((done) => {
    const { createObjectURL } = URL;
    URL.createObjectURL = (blob) => {
      createImageBitmap(blob).then(({ width }) => done({ type: blob.type, width }));
      URL.createObjectURL = createObjectURL;
      return createObjectURL(blob);
    };
    document.querySelector("[data-action=picture]").click();
  })`);

const notice = (words: string) =>
  site.until(`document.querySelector("#notices").textContent.includes("${words}")`);

test("sine and ReLU come as near to the picture as the library's own, and are looked at in every view", async () => {
  const page = site.thePage();
  await site.open("siren.html#size=64&width=16&layers=2&batch=256&rate=0.002&wipe=40");
  await site.stepReaches(20);
  const steps = await site.pause();
  await site.reference();
  const picture = scene(64);
  const both = contest(picture, { layers: 2, width: 16, omega: 30, rate: 0.002, batch: 256 });
  await both.step.repeat(steps)().data();
  const errors = both.show("image", 4096)(0).sub(tensor(picture.values)).square().mean(1);
  const [sine, relu] = (await errors.data<Float32Array>()).map(decibels);
  expect(Math.abs((await likeness("sine")) - sine)).toBeLessThan(0.3);
  expect(Math.abs((await likeness("ReLU")) - relu)).toBeLessThan(0.3);
  expect(await site.text("#story")).toMatch(
    /^After the same [\d,]+ steps, sine’s picture is off by [\d.]+%, ReLU’s by [\d.]+%/,
  );

  // By keyboard the line moves, and the link follows.
  await page.focus("#divide input");
  await page.keyboard.press("ArrowRight");
  await site.until(`location.hash.includes("wipe=41")`);
  await page.click("[name=view][value=gradient]");
  await site.until(`document.querySelector("#story").textContent.includes("slopes")`);
  await page.click("[name=view][value=laplacian]");
  await site.until(`document.querySelector("#story").textContent.includes("zero everywhere")`);
  // There is something on the side of sine, and on that of ReLU, away from the line, there is nothing at all.
  await expect.poll(() => sizeOf(0.73, 0.25), { timeout: 20_000 }).toBeLessThan(600);
  expect(await sizeOf(0.02, 0.25)).toBeGreaterThan(1800);
  // What is saved shows both pictures, with 16 pixels between and 24 around them.
  const side = await page.$eval("#wipe", ({ clientWidth }) => clientWidth);
  expect(await saved()).toEqual({ type: "image/png", width: 2 * side + 16 + 2 * 24 });
  await looksRight("siren", ["#wipe", "#truth", "#curves"]);

  await site.button("Resume").click();
  await site.stepReaches(steps + 5);
  await site.loseGpu();
  await site.stepReaches(steps + 10);
  const link = page.url();
  expect(link).toContain("#view=laplacian&wipe=41&");
  await page.reload();
  await site.until(`document.querySelector("#divide input")?.value === "41"`);
  expect(page.url()).toBe(link);
  expect(site.complaints()).toEqual([]);
});

test("a picture of one's own is learned, whatever its shape; what is none is refused in words", async () => {
  const page = site.thePage();
  await site.open("siren.html#width=16&layers=1&batch=256");
  await site.stepReaches(1);
  // The headline tells of the new run as soon as there is one.
  await site.until(`document.querySelector("#story").textContent.startsWith("After")`);
  const told = page.evaluate(
    () =>
      new Promise((done) => {
        const controls = document.querySelector("#controls")!;
        new MutationObserver((_, observer) => {
          if (!controls.textContent.includes("Preparing")) return;
          observer.disconnect();
          done(document.querySelector("#story")!.textContent);
        }).observe(controls, { characterData: true, childList: true, subtree: true });
      }),
  );
  // Half of it black, half of it nothing at all.
  await drop(`
    const canvas = new OffscreenCanvas(300, 150);
    canvas.getContext("2d").fillRect(0, 0, 150, 150);
    return new File([await canvas.convertToBlob()], "half.png", { type: "image/png" });`);
  await site.until(`document.querySelector("#legend").textContent.includes("64 × 32 pixels")`);
  await site.until(`location.hash.includes("image=own-1")`);
  expect(await told).toBe("Two networks are about to learn a picture: one of sines, one of ReLUs.");
  const shape = await page.$eval("#truth", (canvas) => canvas.clientWidth / canvas.clientHeight);
  expect(shape).toBeCloseTo(2, 1);
  // The clear half is white: that is what a network of one layer, too, learns soon.
  await site.until(`parseFloat(document.querySelector("${gaugeOf("ReLU")}").textContent) > 12`);

  // Lines are as sharp at any size.
  const lines =
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 2"><path d="M0 0H1V1H0Z"/></svg>';
  await drop(
    `return new File([${JSON.stringify(lines)}], "lines.svg", { type: "image/svg+xml" });`,
  );
  await site.until(`document.querySelector("#legend").textContent.includes("32 × 64 pixels")`);
  await drop(`return new File([], "nothing.png", { type: "image/png" });`);
  await notice("There is nothing in “nothing.png”");
  await site.button("OK").click();

  await drop(`return new File(["Dear diary"], "diary.txt", { type: "text/plain" });`);
  await notice("“diary.txt” is no picture that this browser can open");
  await site.button("OK").click();
  await drop(`return null;`);
  await notice("There is no picture in this");
  await site.button("OK").click();
  await drop(
    `return new File([new Uint8Array([137, 80, 78, 71])], "torn.png", { type: "image/png" });`,
  );
  await notice("“torn.png” is no picture");
  await site.button("OK").click();
  expect(await site.text("#legend")).toContain("32 × 64 pixels");

  // A link holds no picture, and whoever opens it is told.
  await page.reload();
  await notice("somebody’s own picture");
  await site.button("OK").click();
  await site.until(`document.querySelector("#legend").textContent.includes("64 × 64 pixels")`);
  expect(site.complaints()).toEqual([]);
});
