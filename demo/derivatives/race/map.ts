import { tensor, type Tensor } from "cotangent";
import type { Painter } from "../../site/drawing.ts";
import { contours } from "./contours.ts";
import type { RaceOptions } from "./compute.ts";
import { surfaces, viewOf, type SurfaceName } from "./surfaces.ts";

const [rows, columns] = [420, 560];

/** n numbers in the middles of as many equal parts. */
const middles = (n: number, [from, to]: readonly [number, number]) =>
  Float32Array.from({ length: n }, (_, i) => from + ((i + 0.5) / n) * (to - from));

/** The program that computes the contours of a surface for a tilt. */
function mapOf(name: SurfaceName): (tilt: RaceOptions["tilt"]) => Tensor {
  const surface = surfaces[name];
  const view = viewOf(surface);
  const { x, y } = view;
  const draw = contours(surface, view, [rows, columns]);
  const xs = tensor(middles(columns, x), [1, columns]).broadcastTo([rows, columns]);
  const ys = tensor(middles(rows, [y[1], y[0]]), [rows, 1]).broadcastTo([rows, columns]);
  return (tilt) => {
    const [tiltX, tiltY] = tilt.map((share) => tensor(share * surface.tilt));
    return draw(xs, ys, tiltX, tiltY);
  };
}

/** Draws the contours of surfaces on the canvas "map", computed anew when surface or tilt have changed. */
export function cartographer() {
  const programs = new Map<SurfaceName, ReturnType<typeof mapOf>>();
  let last: { key: string; values: Tensor } | null = null;
  return async (painter: Painter, { surface, tilt }: Pick<RaceOptions, "surface" | "tilt">) => {
    const key = [surface, ...tilt].join();
    try {
      if (last?.key !== key) {
        const map = programs.get(surface) ?? mapOf(surface);
        programs.set(surface, map);
        last?.values.dispose();
        last = { key, values: map(tilt) };
      }
      const { values } = last;
      await painter.draw("map", [
        {
          kind: "heat",
          values,
          rows,
          columns,
          range: [0, 1],
          low: "card",
          high: "edge",
          isSmooth: true,
          line: 0,
        },
      ]);
    } catch (error) {
      // What was on a device that is gone is made again on the next.
      last = null;
      programs.clear();
      throw error;
    }
  };
}
