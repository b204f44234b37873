import { compile, random, tensor } from "cotangent";
import type { Painter } from "../site/drawing.ts";
import { serve } from "../site/service.ts";
import type { Values } from "../site/settings.ts";
import { model } from "./model.ts";
import type { fields } from "./settings.ts";
import { spiralPoints } from "./spirals.ts";

/** Points across the map of what the network answers. */
const grid = 80;

const view = { x: [-1.1, 1.1], y: [-1.1, 1.1] } as const;

/** The centres of the map's cells, row by row from the top. */
function places(): Float32Array {
  const at = ([from, to]: readonly [number, number], i: number) =>
    from + ((i + 0.5) / grid) * (to - from);
  return Float32Array.from({ length: 2 * grid * grid }, (_, k) => {
    const i = k >> 1;
    return k % 2 === 0 ? at(view.x, i % grid) : -at(view.y, Math.floor(i / grid));
  });
}

serve(async (numbers: Values<typeof fields>, { progress }) => {
  random.seed(1);
  const { net, points, step } = model(numbers);
  const shown = tensor(spiralPoints(400, numbers.noise), [400, 3]);
  const everywhere = tensor(places(), [grid * grid, 2]);
  const map = compile(() => net.forward(everywhere));
  const score = compile(() => {
    const { x, y } = points.tensors();
    return net.forward(x).greater(0).cast("float32").equal(y).cast("float32").mean();
  });
  return {
    advance: (n: number) => step.repeat(n)(),
    async ready() {
      let done = 0;
      for (const each of [step, map, score]) {
        progress(done++, 3);
        await each.ready();
      }
    },
    look: () => score().item(),
    async paint(painter: Painter) {
      const values = map();
      await painter.draw("map", [
        {
          kind: "heat",
          values,
          rows: grid,
          columns: grid,
          range: [0, 1],
          isLogit: true,
          isSmooth: true,
          low: "blush",
          middle: "card",
          high: "wash",
        },
        { kind: "points", values: shown, view, radius: 3, colors: ["red", "ink"] },
      ]);
      values.dispose();
    },
  };
});
