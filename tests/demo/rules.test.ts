import { init } from "cotangent";
import { beforeAll, expect, test } from "vitest";
import {
  derive,
  initialNumbers,
  portions,
  rules,
  type RulesName,
} from "../../demo/derivatives/rules/examples.ts";
import { numbersOf, ruleFields } from "../../demo/derivatives/rules/settings.ts";
import { fields } from "../../demo/derivatives/settings.ts";
import { Settings } from "../../demo/site/settings.ts";
import { renderPage } from "../../demo/site/plugin.ts";
import { pages } from "../../demo/site/pages.ts";
import { readFile } from "node:fs/promises";

beforeAll(() => init({ backend: "cpu" }));

const names = Object.keys(rules) as RulesName[];

test("each rule gives what the library finds, for the lecture's numbers and for others", async () => {
  for (const name of names) {
    const initial = initialNumbers(name);
    const others = initial.map((v, i) => v + Math.sin(3 * i + 1));
    for (const numbers of [initial, others])
      for (const [i, { error }] of (await derive(name, numbers)).entries())
        expect(error, `${name}, line ${i}`).toBeLessThan(1e-12);
  }
});

test("the numbers are those that one finds by hand", async () => {
  // x = (1, −2): xᵀAx = 2·1 + 1·(−2) + 3·4 = 12, xᵀBx = 1 + (−1)(−2) + 2(−2) + ½·4 = 1.
  const quadratics = await derive("quadratics", initialNumbers("quadratics"));
  // (A + Aᵀ)x = (2, −11), (B + Bᵀ)x = (0, −1).
  expect(Array.from(quadratics[4].byRule)).toEqual([2, -11 + 12 * -1]);
  expect(quadratics[2].byRule[0]).toBe(0.5 * 2 + 1 * -11);
  // ‖x‖ = 3: H = 3(xxᵀ/3 + 3I) = xxᵀ + 9I.
  const norm = await derive("norm", initialNumbers("norm"));
  const expected = [10, 2, -2, 2, 13, -4, -2, -4, 13];
  norm[6].byRule.forEach((v, i) => expect(v).toBeCloseTo(expected[i], 12));
  // det(AXB) = 1 · 3 · 2.
  const determinant = await derive("determinant", initialNumbers("determinant"));
  // ∇f = det A det B · cofactors of X.
  [1, 1, -1, 2].forEach((v, i) => expect(determinant[4].byRule[i]).toBeCloseTo(2 * v, 12));
});

test("differences in float64 agree with every gradient", async () => {
  // The value of each example by plain numbers, at its first given matrix.
  const values: Record<RulesName, (p: number[][]) => number> = {
    quadratics: ([x, , a, b]) => {
      const q = (m: number[]) =>
        x[0] * (m[0] * x[0] + m[1] * x[1]) + x[1] * (m[2] * x[0] + m[3] * x[1]);
      return q(a) * q(b);
    },
    norm: ([x]) => Math.hypot(...x) ** 3,
    determinant([x, , a, b]) {
      const of = ([p, q, r, s]: number[]) => p * s - q * r;
      return of(a) * of(x) * of(b);
    },
    softmax([w, , x, b]) {
      const z = b.map((v, i) => v + w[2 * i] * x[0] + w[2 * i + 1] * x[1]);
      return Math.log(z.reduce((sum, v) => sum + Math.exp(v), 0)) - z[0];
    },
  };
  const lineOfGradient: Record<RulesName, number> = {
    quadratics: 4,
    norm: 3,
    determinant: 4,
    softmax: 5,
  };
  for (const name of names) {
    const numbers = initialNumbers(name);
    const gradient = (await derive(name, numbers))[lineOfGradient[name]].byRule;
    gradient.forEach((slope, i) => {
      const at = (by: number) => values[name](portions(name, numbers.with(i, numbers[i] + by)));
      expect((at(1e-5) - at(-1e-5)) / 2e-5, `${name}, ${i}`).toBeCloseTo(slope, 6);
    });
  }
});

test("a matrix that has no inverse has no rule either, and says so", async () => {
  const found = await derive("determinant", [1, 1, 1, 1, 1, 0, 0, 1, 1, 2, 0, 1, 3, 1, 1, 1]);
  expect(found[0].error).toBeNaN();
});

test("the page has a formula for each line", async () => {
  const file = await readFile("demo/derivatives.html", "utf8");
  const lists = file.match(/<ol class="derivation"[^]*?<\/ol>/g) ?? [];
  const html = await renderPage(pages[0], lists.join(""));
  for (const name of names) {
    const list = html.split(`data-rules="${name}"`)[1]?.split("</ol>")[0] ?? "";
    const count = (await derive(name, initialNumbers(name))).length;
    expect(list.match(/<output/g), name).toHaveLength(count);
    expect(list.match(/<math/g)?.length, name).toBeGreaterThanOrEqual(count);
  }
});

test("numbers stay as they are typed until another example is chosen", () => {
  const settings = new Settings(fields, "#rules=norm");
  const typed = [1, 2, 3, 4, 5, 6];
  settings.set({ numbers: typed });
  settings.set({ race: 0.5, tiltX: 0.1 });
  expect(settings.values.numbers).toEqual(typed);
  settings.set({ rules: "softmax" });
  expect(settings.values.numbers).toEqual(initialNumbers("softmax"));
});

test("a link holds numbers for its example, and none for another", () => {
  expect(ruleFields.numbers.parse("1,2.5,-3")).toEqual([1, 2.5, -3]);
  for (const wrong of ["", "1,,2", "1,x", "1e99"])
    expect(ruleFields.numbers.parse(wrong), wrong).toBeUndefined();
  expect(numbersOf("norm", [1, 2, 3, 4, 5, 6])).toEqual([1, 2, 3, 4, 5, 6]);
  expect(numbersOf("softmax", [1, 2, 3])).toEqual(initialNumbers("softmax"));
});
