import { readFile } from "node:fs/promises";
import { init } from "cotangent";
import { inspect, type Inspection } from "cotangent/check";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { layoutOf, type Box, type Layout } from "../../demo/hood/layout.ts";
import { subjectOf } from "../../demo/hood/model.ts";
import { settingsOf, understand } from "../../demo/hood/networks.ts";
import { fields } from "../../demo/hood/settings.ts";
import { operationsIn, shapeWords, timeWords, titlesOf } from "../../demo/hood/words.ts";
import { Settings } from "../../demo/site/settings.ts";

describe("the link of another page", () => {
  test.each([
    ["https://a.b/x/digits.html#network=784-10&batch=16", "digits", "network=784-10&batch=16"],
    ["digits.html", "digits", ""],
    ["https://a.b/x/#units=8", "index", "units=8"],
    ["./playground.html#layers=16-8&rate=nonsense", "playground", "layers=16-8"],
    [" https://a.b/approximation#units=3 ", "approximation", "units=3"],
    ["siren.html#size=64&wipe=20&image=own-1", "siren", "wipe=20&size=64"],
    ["derivatives.html#formula=x+y&at=1,2&surface=bowl", "derivatives", "formula=x+y&at=1%2C2"],
    ["https://a.b/validate.html#only=matmul", "validate", ""],
    ["hood.html#net=validate&with=recipe%3Dmlp-sgd", "validate", "recipe=mlp-sgd"],
    ["activations.html#activation=gelu&x=2", "activations", "activation=gelu&x=2"],
    ["hood.html", "digits", "network=784-256-128-10"],
    ["hood.html#net=index&with=units%3D7", "index", "units=7"],
    ["hood.html#net=convolution", "convolution", ""],
  ])("%s is understood by the page's own settings", (link, net, own) => {
    expect(understand(link)).toEqual({ net, with: own });
  });

  test.each(["", "digits", "https://", "https://a.b/guide.html", "hood.html#net=toString"])(
    "%s shows no network",
    (link) => expect(understand(link)).toBeNull(),
  );

  test("comes back from the link of this one", () => {
    const settings = new Settings(fields, "");
    expect(settings.values.with).toBe("network=784-256-128-10");
    settings.set({ ...understand("digits.html")!, program: 3 });
    expect(settings.link).toBe("#with=&program=3");
    expect(new Settings(fields, settings.link).values).toEqual(settings.values);
    settings.set({ net: "playground", with: "layers=16-8", program: null });
    expect(new Settings(fields, settings.link).values).toEqual(settings.values);
    const { layers } = settingsOf("playground", settings.values.with);
    expect(layers).toEqual([16, 8]);
  });
});

const areApart = (a: Box, b: Box) =>
  a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;

const isWithin = (a: Box, b: { x: number; y: number; width: number; height: number }) =>
  a.x >= b.x - 1e-6 &&
  a.y >= b.y - 1e-6 &&
  a.x + a.width <= b.x + b.width + 1e-6 &&
  a.y + a.height <= b.y + b.height + 1e-6;

const trained: readonly string[] = ["index", "playground", "approximation", "siren", "validate", "convolution"]; // prettier-ignore

describe.each([
  ["index", "units=8", "2-8-8-1"],
  ["playground", "layers=5-4&penalty=L2&inputs=x1+sin1", "2-5-4-1"],
  ["approximation", "units=1", "1 sigmoid"],
  ["activations", "activation=gelu", "20 layers of GELU"],
  ["siren", "size=64&width=16&layers=1&batch=256", "two networks 2-16-1"],
  ["derivatives", "formula=x+sin+y&at=2", "x sin y at 262,144 places"],
  ["derivatives", "formula=x(", "(x₁x₂ sin x₃ + exp(x₁x₂))/x₃ at 262,144 places"],
  ["validate", "recipe=mlp-sgd", "784-128-10 by plain SGD"],
  ["convolution", "", "two convolutions"],
] as const)("%s#%s", (net, link, name) => {
  let found: Inspection;
  let titles: string[];
  let layout: Layout;
  beforeAll(async () => {
    vi.spyOn(globalThis, "fetch").mockImplementation(async (address) => {
      const { pathname } = new URL(address as URL);
      return new Response(await readFile(`demo/public${pathname}`));
    });
    const { info } = await init();
    const subject = await subjectOf(net, { link, base: "https://site.invalid/", info });
    expect(subject.name).toBe(name);
    found = await inspect(subject.step, ...subject.args);
    titles = titlesOf(found);
    layout = layoutOf(found.nodes, titles, 1);
  });

  test("each program has a title, and that which changes weights says so", () => {
    expect(titles).toHaveLength(found.dispatches.length);
    for (const title of titles) expect(title).toMatch(/\S/);
    expect(titles.includes("new weights")).toBe(trained.includes(net));
  });

  test("operations lie apart, each within its program, and programs lie apart", () => {
    const { folded, open, nodes } = layout;
    const boxes = nodes.map(({ box, program }) => {
      const { x, y } = open.boxes[program];
      return { ...box, x: x + box.x, y: y + box.y };
    });
    // No box is empty: a program that completes nothing shows what it works for.
    expect(new Set(nodes.map(({ program }) => program)).size).toBe(titles.length);
    const completed = nodes.filter(({ isPart }) => !isPart);
    expect(completed.length).toBeLessThanOrEqual(operationsIn(found));
    for (const { node, program, isPart } of nodes) {
      const { dispatch, dispatches } = found.nodes[node];
      expect(isPart ? dispatches.includes(program) : dispatch === program).toBe(true);
    }
    for (const all of [folded.boxes, open.boxes, boxes])
      expect(all.filter((a, i) => !all.slice(0, i).every((b) => areApart(a, b)))).toEqual([]);
    nodes.forEach(({ program }, i) => expect(isWithin(boxes[i], open.boxes[program])).toBe(true));
    for (const drawing of [folded, open])
      for (const box of drawing.boxes) expect(isWithin(box, { x: 0, y: 0, ...drawing })).toBe(true);
    for (const { from, to } of folded.wires) expect(from).toBeLessThan(to);
  });
});

test("numbers are written as one reads them", () => {
  expect(timeWords(8.61)).toBe("8.6 ms");
  expect(timeWords(123.4)).toBe("123 ms");
  expect(timeWords(0.0123)).toBe("0.012 ms");
  expect(timeWords(0)).toBe("0 ms");
  expect(shapeWords([64, 10])).toBe("64 × 10");
  expect(shapeWords([])).toBe("a number");
});
