import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "puppeteer";
import { expect, test } from "vitest";
import { valueAt } from "../../../demo/approximation/curve.ts";
import { fields as approximation } from "../../../demo/approximation/settings.ts";
import { fields as playground } from "../../../demo/playground/settings.ts";
import { pages } from "../../../demo/site/pages.ts";
import * as site from "./harness.ts";
import { expectDrawn } from "./looks.ts";

// After a few crashes a browser gives pages no GPU any more.
site.useSite("--disable-gpu-process-crash-limit", "--disable-domain-blocking-for-3d-apis");

interface Tested {
  /** What is set, other than it begins. */
  link: string;
  /** What is drawn. */
  drawn: readonly string[];
}

/** Pages that train. */
const training: Record<string, Tested> = {
  index: { link: "#units=24&noise=0.2", drawn: ["#map"] },
  playground: {
    link: "#data=xor&noise=0.2&layers=6-3&rate=0.05",
    drawn: ["#network", "#answer", "#line", "#losses canvas"],
  },
  approximation: {
    link: "#bumps=9&steepness=250&pull=4%2C0.5&units=5",
    drawn: ["#pad", "#built", "#trained", "#errors canvas"],
  },
  siren: {
    link: "#view=gradient&wipe=40&size=64&width=16&layers=2",
    drawn: ["#wipe", "#truth", "#curves canvas"],
  },
  digits: {
    link: "#network=784-10&rate=0.002&batch=32&epochs=10",
    drawn: ["#loss canvas", "#accuracy canvas", "#tiles"],
  },
};

/** Pages that compute when they are asked. */
const answering = {
  activations: {
    link: "#activation=gelu&x=-1.5&init=heNormal",
    drawn: ["#plot-0 canvas", "#plot-1 canvas", "#plot-2 canvas", "#depths canvas"],
  },
  derivatives: {
    link: "#by=2&step=18&rules=norm&numbers=1%2C2%2C3%2C1%2C0%2C0&surface=saddle&tiltX=0.5&race=0.4",
    drawn: ["#graph", "#errors canvas", "#curve canvas", "#map", "#tracks"],
  },
  hood: {
    link: "#net=index&with=units%3D8&program=3",
    drawn: ["#graph", "#programs", "#memory", "#timeline"],
  },
  validate: { link: "#by=kernel&only=matmul", drawn: ["#errors canvas"] },
} satisfies Record<string, Tested>;

const interactive = { ...training, ...answering };

/** Pages to read, which have nothing to be set. */
const toRead = ["guide", "reference"];

/** Kills the process that draws and computes for the whole browser, and gives what the page says of it. */
async function crashGpu(): Promise<string> {
  const session = await site.thePage().browser().target().createCDPSession();
  // There is nobody left to answer.
  session.send("Browser.crashGpuProcess").catch(() => {});
  await site.until(`document.querySelector("#notices").textContent.includes("The GPU was lost")`);
  const said = await site.text("#notices p");
  await site.button("OK").click();
  return said;
}

/** Looks at another tab, until `isDone`. */
async function inHiddenTab(isDone: () => Promise<boolean>): Promise<void> {
  const page = site.thePage();
  const other = await page.browser().newPage();
  await other.bringToFront();
  expect(await page.evaluate("document.visibilityState")).toBe("hidden");
  await expect.poll(isDone, { timeout: 30_000 }).toBe(true);
  expect(await page.evaluate("document.visibilityState")).toBe("hidden");
  await other.close();
  await page.bringToFront();
}

const isInView = (element: Element) => {
  const { top, bottom } = element.getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight;
};

/** What stands in a page's controls. */
const controls = (page: Page) =>
  page.$$eval("main :is(input, select)", (all) =>
    (all as HTMLInputElement[])
      .filter(({ type, checked }) => type !== "radio" || checked)
      .map(({ name, ariaLabel, dataset, type, checked, value }) => [
        name || dataset["setting"] || ariaLabel,
        type === "checkbox" ? checked : value,
      ]),
  );

/**
 * Presses Copy link: what is copied brings all that is set to a browser that has never seen the page, where a reset
 * takes it back.
 */
async function expectLinkRestores({ link }: Tested): Promise<void> {
  const page = site.thePage();
  await page
    .browserContext()
    .overridePermissions(new URL(page.url()).origin, [
      "clipboard-read",
      "clipboard-sanitized-write",
    ]);
  await site.button("Copy link").click();
  await site.until(`document.querySelector("#notices").textContent.includes("link is copied")`);
  const copied = String(await page.evaluate("navigator.clipboard.readText()"));
  expect(new URL(copied).hash).toBe(link);
  const before = await controls(page);
  const strangers = await page.browser().createBrowserContext();
  const other = await strangers.newPage();
  await site.calm(other);
  await other.goto(copied);
  // How far a slider goes may be known only when something was computed.
  await expect.poll(() => controls(other), { timeout: 20_000 }).toEqual(before);
  await other.$$eval("[data-action=reset]", (all) => {
    for (const button of all) (button as HTMLElement).click();
  });
  await expect.poll(() => controls(other)).not.toEqual(before);
  await strangers.close();
}

test("these are all pages", () =>
  expect([...Object.keys(interactive), ...toRead].sort()).toEqual(
    pages.map(({ name }) => name).sort(),
  ));

test("no page is painted before its script has made the controls, which would move what is there", async () => {
  for (const name of [...Object.keys(interactive), "guide"]) {
    const html = await readFile(join(site.builtFiles(), `${name}.html`), "utf8");
    expect(html.match(/<script[^>]*>/g), name).toEqual([
      expect.stringMatching(/ blocking="render"/),
    ]);
  }
});

test("the navigation has room for more pages than there are", async () => {
  const page = site.thePage();
  await site.calm();
  await site.open("guide.html");
  await site.until(`document.querySelector("#device b").textContent !== "Looking for a GPU …"`);
  await page.$eval("nav ul", (list) => {
    for (const name of ["Convolution", "Attention"]) {
      const item = list.lastElementChild!.cloneNode(true) as HTMLElement;
      item.firstElementChild!.textContent = name;
      list.append(item);
    }
  });
  for (const width of [1280, 1200, 720, 390, 320]) {
    await page.setViewport({ ...site.desktop, width });
    const head = await page.$eval(".masthead", (masthead) => {
      const boxes = [".brand", "nav", ".device"].map((selector) =>
        masthead.querySelector(selector)!.getBoundingClientRect(),
      );
      const over = boxes.flatMap((a, i) =>
        boxes
          .slice(i + 1)
          .filter(
            (b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom,
          ),
      );
      const { clientWidth } = document.documentElement;
      const centers = boxes.map(({ top, bottom }) => (top + bottom) / 2);
      return {
        over: over.length,
        isTooWide: boxes.some(({ right }) => right > clientWidth),
        isLine: Math.max(...centers) - Math.min(...centers) < 4,
        badge: boxes[2].width,
      };
    });
    expect(head, `${width} pixels`).toMatchObject({
      over: 0,
      isTooWide: false,
      isLine: width >= 1200,
    });
    expect(head.badge, `${width} pixels`).toBeGreaterThanOrEqual(width < 390 ? 120 : 144);
  }
});

test("nothing that one presses jumps while pages come", async () => {
  const page = site.thePage();
  await site.calm();
  await page.evaluateOnNewDocument(() => {
    const jumped: string[] = [];
    Object.assign(globalThis, { jumped });
    new PerformanceObserver((list) => {
      for (const { sources } of list.getEntries() as (PerformanceEntry & {
        sources: readonly { node: Node | null }[];
      })[])
        for (const { node } of sources)
          if (node instanceof Element && node.matches("a, button, input, select, summary, .card"))
            jumped.push(node.outerHTML.slice(0, 80));
    }).observe({ type: "layout-shift", buffered: true });
  });
  for (const view of [site.desktop, site.phone])
    for (const name of [...Object.keys(interactive), ...toRead]) {
      await page.setViewport(view);
      await site.open(`${name}.html`);
      // Frames with the controls, and with the sizes that these have.
      await page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 200))))",
      );
      expect(await page.evaluate("jumped"), `${name} at ${view.width} pixels`).toEqual([]);
    }
});

test.each(Object.entries(training))(
  "%s leaves the page its time, stops at once, follows another size, trains in a hidden tab and after the death of the GPU's process, and its link restores it",
  async (name, tested) => {
    const page = site.thePage();
    await page.evaluateOnNewDocument(`
      const computed = getComputedStyle;
      globalThis.styles = 0;
      globalThis.getComputedStyle = (...args) => (styles++, computed(...args));
    `);
    await site.trainOn();
    await site.open(`${name}.html${tested.link}`);
    await site.stepReaches(20);
    const before = await page.evaluate("styles");
    expect(await site.longestTask(100)).toBeLessThan(100);
    // It would cost more than all drawing.
    expect(await page.evaluate("styles")).toBe(before);
    const step = await site.gauge("step");
    await inHiddenTab(async () => (await site.gauge("step")) > step + 10);
    await page.setViewport(site.phone);
    await site.stepReaches((await site.gauge("step")) + 5);
    await expectDrawn(tested.drawn);
    // Pause stays in reach.
    await page.evaluate("scrollTo(0, document.body.scrollHeight)");
    expect(await page.$eval("#controls .primary", isInView)).toBe(true);
    expect(await site.stopTime(500)).toBeLessThan(500);
    // What is paused is kept.
    const kept = await site.gauge("step");
    await site.button("Resume").click();
    await site.stepReaches(kept + 1);
    const from = /goes on from step ([\d,]+)/.exec(await crashGpu())?.[1].replaceAll(",", "");
    expect(Number(from)).toBeGreaterThanOrEqual(kept);
    await site.stepReaches(Number(from) + 5);
    await site.button("Pause").click();
    await expectDrawn(tested.drawn);
    await page.setViewport(site.desktop);
    await expectLinkRestores(tested);
    expect(site.complaints()).toEqual([]);
  },
);

test("activations are computed anew when the GPU's process was killed, and their link restores them", async () => {
  const { activations } = answering;
  const value = (text: string) =>
    site.until(`document.querySelector("#value-0").textContent === "${text}"`);
  await site.open(`activations.html${activations.link}`);
  await value("−0.1002");
  expect(await crashGpu()).toContain("computed anew");
  await site.until(`document.querySelector("#speed").textContent !== "–"`);
  await expectDrawn(activations.drawn);
  await expectLinkRestores(activations);
  await site.thePage().click("[name=activation][value=relu]");
  await value("0.0000");
  expect(site.complaints()).toEqual([]);
});

test.each(["derivatives", "hood"] as const)(
  "%s is computed anew when the GPU's process was killed, and its link restores it",
  async (name) => {
    await site.open(`${name}.html${answering[name].link}`);
    await site.until(`document.querySelector("#speed").textContent !== "–"`);
    expect(await crashGpu()).toContain("computed anew");
    await expectDrawn(answering[name].drawn);
    await expectLinkRestores(answering[name]);
    expect(site.complaints()).toEqual([]);
  },
);

test("validating goes on in a hidden tab and when the GPU's process was killed, and its link restores it", async () => {
  const { validate } = answering;
  const done = async () => parseInt(await site.text("#controls dd")) || 0;
  await site.open(`validate.html${validate.link}`);
  await site.button("Test").click();
  await inHiddenTab(async () => (await done()) > 2);
  await crashGpu();
  await site.until(`document.querySelector("#controls .primary").textContent === "Test"`);
  expect(await site.text("#story")).toMatch(/computes \d+ ops/);
  await expectDrawn(validate.drawn);
  await expectLinkRestores(validate);
  expect(site.complaints()).toEqual([]);
});

test("without WebGPU all pages say in a visitor's words how to get it, and what can goes on without", async () => {
  await site.withoutGpu(async () => {
    await site.calm();
    for (const [name, { link, drawn }] of Object.entries<Tested>(interactive)) {
      await site.open(`${name}.html${link}`);
      await site.until(`document.querySelector("#notices").textContent !== ""`);
      const said = await site.text("#notices");
      expect(said, name).toMatch(/graphics card here, so.*Chrome/);
      expect(said, name).not.toMatch(/init|backend|DeviceError/);
      expect(await site.text("#device"), name).toMatch(/^No GPU found/);
      const cut = await site
        .thePage()
        .$$eval("#device *", (all) =>
          all.filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.textContent),
        );
      expect(cut, name).toEqual([]);
      await site.button("OK").click();
      if (name in goesOn) {
        await goesOn[name as keyof typeof goesOn]();
        await expectDrawn(drawn);
      }
    }
    expect(await site.text("#story")).toBe("There is no GPU here to be tested.");
    expect(site.complaints()).toEqual([]);
  });
});

/** What is done by those that go on without a GPU. */
const goesOn = {
  async activations() {
    await site.until(`document.querySelector("#value-0").textContent === "−0.1002"`);
    await site.until(`document.querySelector("#depth-read").textContent !== "–"`);
  },
  async approximation() {
    await site.button("Start").click();
    await site.stepReaches(3);
    await site.until(`document.querySelector("#built-error").textContent !== "–"`);
  },
  async digits() {
    await site.button("Start").click();
    await site.stepReaches(3);
    await site.drag("#pad", [
      [0.5, 0.1],
      [0.5, 0.9],
    ]);
    await site.until(`document.querySelector("#verdict").textContent.includes("%")`);
    await site.button("Pause").click();
  },
};

// What a finger does is the same whatever computes, and takes least where there is no software GPU.
test("a finger draws, paints and pulls without moving the page", () =>
  site.withoutGpu(fingerDraws));

async function fingerDraws(): Promise<void> {
  const page = site.thePage();
  await page.setViewport({ ...site.phone, isMobile: true, hasTouch: true });
  await site.calm();
  const setting = (name: string) =>
    page.evaluate(`new URLSearchParams(location.hash.slice(1)).get("${name}")`) as Promise<string>;
  const upwards = (x: number): site.Share[] => [
    [x, 0.9],
    [x, 0.1],
  ];

  const open = (name: string, link = "") => site.open(`${name}.html?backend=cpu${link}`);
  await open("approximation");
  await site.stroke("#pad", [
    [0.4, 0.95],
    [0.6, 0.05],
  ]);
  await site.until(`location.hash.includes("curve=")`);
  const drawn = async (x: number) => {
    const curve = approximation.curve.parse(await setting("curve"));
    return curve ? valueAt(curve, x) : NaN;
  };
  await expect.poll(() => drawn(0.58)).toBeGreaterThan(0.6);
  expect(await drawn(0.42)).toBeLessThan(-0.6);
  await site.stroke("#built", upwards(0.5));
  await site.until(`/pull=\\d+%2C0.9/.test(location.hash)`);

  await open("playground", "#layers=2&count=100");
  await site.isOn("Start");
  await site.stroke("#sheet", upwards(0.5));
  await site.until(`location.hash.includes("painted=")`);
  await site.until(`document.querySelectorAll("#brush").length > 0`);
  // The link follows now and then.
  await expect
    .poll(async () => playground.painted.parse(await setting("painted"))?.length)
    .toBeGreaterThan(6);

  await open("digits", "#network=784-10");
  await site.isOn("Start");
  await site.stroke("#pad", upwards(0.5));
  await site.until(`document.querySelector("#verdict").textContent.includes("%")`);
  expect(await site.ink("#seen")).toBeGreaterThan(30);

  await open("activations");
  await site.until(`document.querySelector("#value-0").textContent !== "–"`);
  await site.stroke("#plot-1 .u-over", [
    [0.3, 0.5],
    [0.75, 0.5],
  ]);
  await site.until(`Math.abs(document.querySelector("[name=x]").value - 2.5) <= 0.1`);
  // One that moves the page from there picks nothing; one that taps does.
  const moved = site.stroke("#plot-1 .u-over", upwards(0.2));
  await expect(moved).rejects.toThrow("the page moved");
  expect(Math.abs(Number(await page.$eval("[name=x]", (x) => (x as HTMLInputElement).value)) - 2.5)).toBeLessThanOrEqual(0.1); // prettier-ignore
  await page.tap("#plot-1 .u-over");
  await site.until(`Math.abs(document.querySelector("[name=x]").value) <= 0.1`);

  await open("index");
  await site.isOn("Start");
  await page.tap("#controls .primary");
  await site.isOn("Pause");
  expect(site.complaints()).toEqual([]);
}
