import { compile, random, tensor, variable, type Tensor } from "cotangent";
import type { Line } from "../site/drawing.ts";
import { serve } from "../site/service.ts";
import type { Values } from "../site/settings.ts";
import { valueAt, type Curve } from "./curve.ts";
import { bumps, network } from "./model.ts";
import type { Answer, Question } from "./protocol.ts";
import { mostBumps, type fields } from "./settings.ts";

/** Places at which everything is computed. */
const count = 256;

const places = Float32Array.from({ length: count }, (_, i) => i / (count - 1));

/** The intervals of so many bumps, and the curve's value where each begins; what is left over has no height. */
function intervals(curve: Curve, n: number) {
  const all = { a: new Float32Array(mostBumps), b: new Float32Array(mostBumps) };
  const h = new Float32Array(mostBumps);
  for (let i = 0; i < n; i++) {
    // The outer edges lie beyond the picture, where a bump is as high as within.
    all.a[i] = i === 0 ? -1 : i / n;
    all.b[i] = i === n - 1 ? 2 : (i + 1) / n;
    h[i] = valueAt(curve, i / n);
  }
  return { ...all, h };
}

const column = [mostBumps, 1];

serve<Values<typeof fields>, Question, Answer>((settings) => {
  random.seed(1);
  let now = settings;
  const x = tensor(places);
  const target = variable(tensor(sampled(settings.curve)), { trainable: false });
  const { adam, step, terms } = network(x, target, settings);
  const sum = compile((parts: Tensor) => parts.sum(0));
  const built = compile((a: Tensor, b: Tensor, h: Tensor, k: Tensor) => bumps(x, a, b, h, k), {
    inputs: [column, column, column, undefined],
  });
  const error = compile((parts: Tensor) => parts.sum(0).sub(target).square().mean().sqrt());

  /** The bumps that are shown, one of them perhaps pulled. */
  const heights = () => {
    const { curve, bumps: n, pull } = now;
    const all = intervals(curve, n);
    if (pull && pull.bump < n) all.h[pull.bump] = pull.height;
    return all;
  };
  const errorOf = async ({ a, b, h }: ReturnType<typeof intervals>) => {
    const parts = built(a, b, h, now.steepness);
    const value = await error(parts).item();
    parts.dispose();
    return value;
  };

  return {
    advance: (n) => step.repeat(n)(),
    ready: () => step.ready(),
    change(settings) {
      now = settings;
      adam.learningRate = settings.rate;
      target.assign(tensor(sampled(settings.curve)));
    },
    async look() {
      const parts = terms();
      const value = await error(parts).item();
      parts.dispose();
      return value;
    },
    async ask({ kind }) {
      const { curve } = now;
      const all =
        kind === "shown"
          ? [heights()]
          : Array.from({ length: mostBumps }, (_, i) => intervals(curve, i + 1));
      return Float32Array.from(await Promise.all(all.map(errorOf)));
    },
    async paint(painter) {
      const range = [-1.2, 1.2] as const;
      const line = (values: Tensor, color: Line["color"], width: number): Line => ({
        kind: "line",
        values,
        range,
        color,
        width,
      });
      const wanted = target.mul(1);
      const { a, b, h } = heights();
      const parts = built(a, b, h, now.steepness);
      const learned = terms();
      const [ofBumps, ofTerms] = [sum(parts), sum(learned)];
      await painter.draw("pad", [line(wanted, "text", 3)]);
      await painter.draw("built", [
        line(parts, "pencil", 1),
        line(wanted, "edge", 1.5),
        line(ofBumps, "ink", 2.5),
      ]);
      await painter.draw("trained", [
        line(learned, "pencil", 1),
        line(wanted, "edge", 1.5),
        line(ofTerms, "red", 2.5),
      ]);
      for (const each of [wanted, parts, learned, ofBumps, ofTerms]) each.dispose();
    },
  };
});

const sampled = (curve: Curve) => places.map((at) => valueAt(curve, at));
