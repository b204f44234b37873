import { choice, made, slider } from "../../site/settings.ts";
import { surfaces, viewOf, type SurfaceName } from "./surfaces.ts";

const names = Object.entries(surfaces).map(([key, { name }]) => [key, name]);

const of = (before: Readonly<Record<string, unknown>>) =>
  surfaces[before["surface"] as SurfaceName];

/** What is run on, from where, and how. */
export const raceFields = {
  surface: choice({
    label: "Surface",
    effect: "live",
    options: Object.fromEntries(names) as Record<SurfaceName, string>,
    initial: "rosenbrock",
  }),
  start: made<readonly [x: number, y: number]>({
    label: "Start",
    effect: "live",
    initial: (before) => of(before).start,
    parse(text) {
      const [x, y, ...more] = text.split(",").map(Number);
      return more.length === 0 && Math.abs(x) <= 10 && Math.abs(y) <= 10 ? [x, y] : undefined;
    },
    format: (start) => start.join(","),
  }),
  tiltX: slider({
    label: "Tilt to the left",
    effect: "live",
    min: -1,
    max: 1,
    step: 0.05,
    initial: 0,
  }),
  tiltY: slider({
    label: "Tilt towards you",
    effect: "live",
    min: -1,
    max: 1,
    step: 0.05,
    initial: 0,
  }),
  rate: slider({
    label: "Learning rate",
    effect: "live",
    min: 1e-4,
    max: 1,
    step: 0.02,
    isLog: true,
    initial: (before) => of(before).rate,
  }),
  momentum: slider({
    label: "Momentum",
    effect: "live",
    min: 0,
    max: 0.99,
    step: 0.01,
    initial: 0.9,
  }),
  /** Of the race, from 0 to 1. */
  race: made<number>({
    label: "Race",
    effect: "live",
    initial: 1,
    parse(text) {
      const share = Number(text);
      return text !== "" && share >= 0 && share <= 1 ? share : undefined;
    },
    format: String,
  }),
};

/** The nearest place on the map, in steps that a link knows. */
export function onMap(surface: SurfaceName, x: number, y: number): readonly [number, number] {
  const view = viewOf(surfaces[surface]);
  const within = (v: number, [from, to]: readonly [number, number]) =>
    Math.round(100 * Math.min(Math.max(v, from), to)) / 100;
  return [within(x, view.x), within(y, view.y)];
}
