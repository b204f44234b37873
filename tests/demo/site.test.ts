import { readdir, readFile } from "node:fs/promises";
import { effect, signal } from "@preact/signals-core";
import { DeviceLostError } from "cotangent";
import { describe, expect, test } from "vitest";
import { failureWords } from "../../demo/site/failure.ts";
import { latest } from "../../demo/site/latest.ts";
import { minus } from "../../demo/site/minus.ts";
import { howToGetGpu } from "../../demo/site/no-gpu.ts";
import { channels, type ColorName } from "../../demo/site/palette.ts";
import { pages } from "../../demo/site/pages.ts";
import { renderPage } from "../../demo/site/plugin.ts";
import { highlight } from "../../demo/site/code.ts";

describe("the frame of a page", () => {
  test("every page is in the list, and the list holds no other", async () => {
    const files = (await readdir("demo")).filter((file) => file.endsWith(".html"));
    expect(files.sort()).toEqual(pages.map(({ name }) => `${name}.html`).sort());
  });

  test("every page of the navigation has a picture for links", async () => {
    const pictures = await readdir("demo/public/share");
    const named = pages.filter(({ nav }) => nav).map(({ name }) => `${name}.png`);
    expect(pictures.sort()).toEqual(named.sort());
  });

  test("head, navigation and footer are there without any script", async () => {
    const [start] = pages;
    const html = await renderPage(start, "<main><p>Hello</p></main>");
    expect(html).toContain(`<title>${start.title}</title>`);
    expect(html).toContain('property="og:image" content="./share/index.png"');
    expect(html).toContain('<a href="./" aria-current="page">Start</a>');
    expect(html).toContain('<a href="./digits.html">Digits</a>');
    expect(html).toContain('<main id="main" tabindex="-1"><p>Hello</p></main>');
    expect(html).toContain('<script type="module" src="./index/main.tsx">');
  });

  test("formulas are MathML, and figures have their buttons", async () => {
    const html = await renderPage(
      pages[0],
      "<main><tex-math>x^2 &lt; y</tex-math><figure-actions></figure-actions></main>",
    );
    expect(html).toMatch(/<math>.*<msup>/s);
    for (const action of ["reset", "link", "picture"])
      expect(html).toContain(`data-action="${action}"`);
  });

  test("formulas are written out however their tags are broken over lines", async () => {
    const html = await renderPage(
      pages[0],
      "<main><tex-math\n  >x</tex-math\n><tex-math display\n>y</tex-math></main>",
    );
    expect(html.match(/<math/g)).toHaveLength(2);
    expect(html).not.toContain("<tex-math");
  });
});

test("numbers in code that can be changed are fields; one that is not there is an error", async () => {
  const code = "export function f({ a = 1, b = 2.5 } = {}) {\n  return a < b;\n}";
  const html = await highlight(code, ["b"]);
  expect(html).toContain('data-setting="b"');
  expect(html).toContain('value="2.5"');
  expect(html).not.toContain('data-setting="a"');
  expect(html).toContain("&lt;");
  await expect(highlight(code, ["c"])).rejects.toThrow("no number named c");
});

test("how to get WebGPU is said for the browser at hand, and never in a programmer's words", () => {
  const linux = "Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 Chrome/150.0.0.0 Safari/537.36";
  const firefox = "Mozilla/5.0 (X11; Linux x64; rv:150.0) Gecko/20100101 Firefox/150.0";
  const iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1";
  expect(howToGetGpu(linux, true)).toContain("enable-unsafe-webgpu");
  expect(howToGetGpu(firefox, true)).toContain("Chrome");
  expect(howToGetGpu(iphone, true)).toContain("iOS 26");
  expect(howToGetGpu(linux, false)).toContain("https");
  for (const agent of [linux, firefox, iphone, ""])
    expect(howToGetGpu(agent, true)).not.toMatch(/init|backend|API|adapter/);
});

test("numbers have minus signs, and words their hyphens", () => {
  expect(["-4", "-1.2e-5", "5e-7", "-0.5%", "layer-norm", "3 - 4", "-x"].map(minus)).toEqual([
    "−4",
    "−1.2e−5",
    "5e−7",
    "−0.5%",
    "layer-norm",
    "3 - 4",
    "-x",
  ]);
});

test("colours of the style sheet are read as numbers", () => {
  expect(channels("rgb(255, 51, 0)")).toEqual([1, 0.2, 0]);
  expect(channels("color(srgb 1 0.2 0)")).toEqual([1, 0.2, 0]);
});

/** The colours of the style sheet, of the light theme and of the dark one. */
async function themes(): Promise<Record<ColorName, string>[]> {
  const css = await readFile("demo/site/site.css", "utf8");
  return [...css.matchAll(/:root \{[^}]*--paper: #[^}]*\}/g)].map(
    ([block]) =>
      Object.fromEntries(
        [...block.matchAll(/--([a-z]+): #(..)(..)(..);/g)].map(([, name, ...hex]) => [
          name,
          `rgb(${hex.map((digits) => parseInt(digits, 16)).join(", ")})`,
        ]),
      ) as Record<ColorName, string>,
  );
}

/** As WCAG defines it. */
function contrast(a: string, b: string): number {
  const light = (color: string) =>
    channels(color)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
      .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

test("lines can be told from what is behind them, and words be read, in both themes", async () => {
  const both = await themes();
  expect(both).toHaveLength(2);
  for (const palette of both)
    for (const ground of [palette.card, palette.paper]) {
      for (const line of ["edge", "pencil", "ink", "red", "text", "faded"] as const)
        expect(contrast(palette[line], ground), line).toBeGreaterThanOrEqual(3);
      for (const words of ["ink", "red", "text", "faded"] as const)
        expect(contrast(palette[words], ground), words).toBeGreaterThanOrEqual(4.5);
    }
});

test("whoever loses the GPU too often is told so in a visitor's words", () => {
  const said = failureWords(new DeviceLostError("the value was lost with its device"));
  expect(said).toMatch(/^The GPU was lost again and again/);
  expect(said).not.toMatch(/value|device|adapter/);
  expect(failureWords(new TypeError("odd"))).toBe("Something went wrong: odd");
});

test("an effect asks anew when what it names changes, not when what is read for the answer does", async () => {
  const [subject, playhead] = [signal("x"), signal(0)];
  const asked: string[] = [];
  const ask = latest(async () => void asked.push(`${subject.value} at ${playhead.value}`));
  effect(() => {
    void subject.value;
    ask();
  });
  await Promise.resolve();
  playhead.value = 1;
  await Promise.resolve();
  subject.value = "y";
  await Promise.resolve();
  expect(asked).toEqual(["x at 0", "y at 1"]);
});
