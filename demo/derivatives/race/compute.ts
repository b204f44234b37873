import { tensor, type Tensor } from "cotangent";
import { gradientDescent, momentum, newton, survey, type Height } from "./model.ts";
import { length, runners, type Race, type Runner, type Track } from "./result.ts";
import { surfaces, type SurfaceName } from "./surfaces.ts";

/** What a race is run with. */
export interface RaceOptions {
  surface: SurfaceName;
  tilt: readonly [x: number, y: number];
  start: readonly [x: number, y: number];
  rate: number;
  momentum: number;
}

/** The height of a tilted surface at a place. */
export function heightOf({ surface, tilt }: Pick<RaceOptions, "surface" | "tilt">): Height {
  const { height, tilt: unit } = surfaces[surface];
  return (place) => {
    const [x, y] = [0, 1].map((i) => place.slice([i], [i + 1]).squeeze());
    return height(x, y)
      .add(x.mul(unit * tilt[0]))
      .add(y.mul(unit * tilt[1]));
  };
}

/** All steps of all runners, on the device that there is. */
export async function race(options: RaceOptions): Promise<Race> {
  const f = heightOf(options);
  const start = tensor(options.start);
  const steps: Record<Runner, () => Tensor> = {
    descent: () => gradientDescent(f, start, options.rate).repeat(length)(),
    momentum: () => momentum(f, start, options.rate, options.momentum).repeat(length)(),
    newton: () => newton(f, start).repeat(length)(),
  };
  const look = survey(f);
  const track = async (runner: Runner): Promise<Track> => {
    const data = await steps[runner]().data<Float64Array>({ dtype: "float64" });
    const places = Float64Array.of(...options.start, ...data);
    const found = await look(tensor(places, [length + 1, 2])).data<Float64Array>({
      dtype: "float64",
    });
    const column = (c: number) =>
      Float64Array.from({ length: length + 1 }, (_, i) => found[4 * i + c]);
    const [heights, away, determinants, traces] = [0, 1, 2, 3].map(column);
    return { places, heights, away, determinants, traces };
  };
  const tracks = await Promise.all(runners.map(track));
  return Object.fromEntries(runners.map((runner, i) => [runner, tracks[i]])) as Race;
}
