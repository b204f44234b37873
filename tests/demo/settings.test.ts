import { expect, test } from "vitest";
import { defaults, formatSettings, parseSettings } from "../../demo/digits/settings.ts";

test("a page's hash says what a run is determined by", () => {
  const settings = {
    ...defaults,
    network: "784-256-128-10",
    optimizer: "sgd",
    rate: 0.025,
    batch: 128,
    epochs: 5,
    seed: 42,
  } as const;
  expect(formatSettings(settings)).toBe(
    "#network=784-256-128-10&optimizer=sgd&rate=0.025&batch=128&epochs=5&seed=42",
  );
  expect(parseSettings(formatSettings(settings))).toEqual(settings);
});

test("what is missing or makes no sense is the default", () => {
  expect(parseSettings("")).toEqual(defaults);
  expect(parseSettings("#network=1-2&optimizer=magic&rate=7&batch=3&epochs=x&seed=-1")).toEqual(
    defaults,
  );
  expect(parseSettings("#optimizer=sgd&rate=nonsense").rate).toBe(0.1);
});
