import { init, tensor } from "cotangent";
import { beforeAll, describe, expect, test } from "vitest";
import { heightOf, race, type RaceOptions } from "../../demo/derivatives/race/compute.ts";
import { contours } from "../../demo/derivatives/race/contours.ts";
import { endingOf, length, runners, stepsAt } from "../../demo/derivatives/race/result.ts";
import { onMap, raceFields } from "../../demo/derivatives/race/settings.ts";
import { surfaces, viewOf, type SurfaceName } from "../../demo/derivatives/race/surfaces.ts";

beforeAll(() => init({ backend: "cpu" }));

const options = (surface: SurfaceName, change: Partial<RaceOptions> = {}): RaceOptions => ({
  surface,
  tilt: [0, 0],
  start: surfaces[surface].start,
  rate: surfaces[surface].rate,
  momentum: 0.9,
  ...change,
});

const endingsOf = async (of: RaceOptions) => {
  const tracks = await race(of);
  return runners.map((runner) => endingOf(tracks[runner], 2 * surfaces[of.surface].reach));
};

describe("the race", () => {
  test("on a bowl gradient descent is the recurrence that it is, and Newton is there after one step", async () => {
    const tilt = [0.5, -0.25] as const;
    const of = options("bowl", { tilt });
    const tracks = await race(of);
    // (x² + 12y²)/2 + ax + by is least at (−a, −b/12).
    const [a, b] = tilt.map((share) => share * surfaces.bowl.tilt);
    let [x, y] = of.start;
    for (let step = 1; step <= 20; step++) {
      x -= of.rate * (x + a);
      y -= of.rate * (12 * y + b);
      const [gotX, gotY] = tracks.descent.places.subarray(2 * step);
      expect(gotX).toBeCloseTo(x, 12);
      expect(gotY).toBeCloseTo(y, 12);
    }
    const newton = endingOf(tracks.newton, 8);
    expect(newton).toMatchObject({ kind: "minimum", step: 1 });
    if (newton.kind === "lost") return;
    expect(newton.x).toBeCloseTo(-a, 12);
    expect(newton.y).toBeCloseTo(-b / 12, 12);
  });

  test("momentum is the moving sum of gradients", async () => {
    const of = options("bowl");
    const { momentum } = await race(of);
    let [x, y] = of.start;
    let [m, n] = [0, 0];
    for (let step = 1; step <= 20; step++) {
      [m, n] = [0.9 * m + x, 0.9 * n + 12 * y];
      [x, y] = [x - of.rate * m, y - of.rate * n];
    }
    expect(momentum.places[40]).toBeCloseTo(x, 12);
    expect(momentum.places[41]).toBeCloseTo(y, 12);
  });

  test("heights, and what is known of each place, are those of the formula", async () => {
    const of = options("rosenbrock", { start: [-1.25, 1.5] });
    const { descent } = await race(of);
    // At (x, y): f = (1 − x)² + 100(y − x²)², Hxx = 2 − 400(y − 3x²), Hxy = −400x, Hyy = 200.
    expect(descent.heights[0]).toBeCloseTo(2.25 ** 2 + 100 * (1.5 - 1.5625) ** 2, 10);
    const xx = 2 - 400 * (1.5 - 3 * 1.5625);
    expect(descent.determinants[0]).toBeCloseTo(xx * 200 - 500 ** 2, 6);
    expect(descent.traces[0]).toBeCloseTo(xx + 200, 8);
  });

  test("everybody arrives from where a surface's race begins, and Newton first", async () => {
    for (const name of Object.keys(surfaces) as SurfaceName[]) {
      const [descent, momentum, newton] = await endingsOf(options(name));
      const step = (ending: typeof descent) => ("step" in ending ? ending.step : length);
      expect(["minimum", "saddle", "maximum"], name).toContain(newton.kind);
      expect(step(newton), name).toBeLessThan(20);
      expect(momentum.kind, name).toBe("minimum");
      expect(step(momentum), name).toBeGreaterThan(step(newton));
      expect(descent.kind, name).not.toBe("lost");
      expect(step(descent), name).toBeGreaterThan(step(newton));
    }
  });

  test("Newton is drawn to a saddle, others to a minimum; too long a step is lost", async () => {
    const near = options("saddle", { start: [-2, 0.2] });
    const [descent, , newton] = await endingsOf(near);
    expect(newton).toMatchObject({ kind: "saddle" });
    expect(descent.kind).toBe("minimum");
    const [wild] = await endingsOf(options("bowl", { rate: 0.5 }));
    expect(wild.kind).toBe("lost");
  });

  test("a tilt adds a plane", async () => {
    for (const name of Object.keys(surfaces) as SurfaceName[]) {
      const at = tensor([0.5, -1.5]);
      const flat = await heightOf({ surface: name, tilt: [0, 0] })(at).item();
      const tilted = await heightOf({ surface: name, tilt: [1, -0.5] })(at).item();
      expect(tilted - flat).toBeCloseTo(surfaces[name].tilt * (0.5 + 0.75), 8);
    }
  });
});

test("contours are where the level is a whole number, and equally thick", async () => {
  const view = viewOf(surfaces.bowl);
  const [rows, columns] = [60, 80];
  const xs = tensor(Float32Array.from({ length: columns }, (_, i) => view.x[0] + (i + 0.5) / 10))
    .reshape([1, columns])
    .broadcastTo([rows, columns]);
  const ys = tensor(Float32Array.from({ length: rows }, (_, i) => view.y[1] - (i + 0.5) / 10))
    .reshape([rows, 1])
    .broadcastTo([rows, columns]);
  const map = contours(surfaces.bowl, view, [rows, columns]);
  const drawn = await map(xs, ys, tensor(0), tensor(0)).data();
  const values = Array.from(drawn, Number);
  expect(values.every((v) => v >= 0 && v <= 1)).toBe(true);
  const share = values.reduce((sum, v) => sum + v, 0) / values.length;
  expect(share).toBeGreaterThan(0.1);
  expect(share).toBeLessThan(0.7);
  // As symmetric as the bowl.
  for (const i of [7, 333, 1203]) {
    const [row, column] = [Math.floor(i / columns), i % columns];
    expect(values[row * columns + (columns - 1 - column)]).toBeCloseTo(values[i], 4);
    expect(values[(rows - 1 - row) * columns + column]).toBeCloseTo(values[i], 4);
  }
});

test("steps come singly at first; links hold places on the map", () => {
  expect([0, 0.1, 0.12, 1].map(stepsAt)).toEqual([0, 1, 2, length]);
  expect(onMap("saddle", 99, -99)).toEqual([3.2, -2.4]);
  expect(raceFields.start.parse("1.5,-2")).toEqual([1.5, -2]);
  for (const wrong of ["", "1", "1,2,3", "99,0", "a,b"])
    expect(raceFields.start.parse(wrong), wrong).toBeUndefined();
  for (const wrong of ["", "-1", "2", "x"])
    expect(raceFields.race.parse(wrong), wrong).toBeUndefined();
});
