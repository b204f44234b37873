import { expect, test, vi } from "vitest";
import { fields } from "../../demo/digits/settings.ts";
import { Settings } from "../../demo/site/settings.ts";

const begin = (link: string) => new Settings(fields, link);

const initial = {
  network: "784-128-10",
  optimizer: "adam",
  rate: 1e-3,
  batch: 64,
  epochs: 20,
  seed: 0,
};

test("a link says what is not as it begins, and brings it back", () => {
  const settings = begin("");
  expect(settings.values).toEqual(initial);
  expect(settings.link).toBe("");
  settings.set({ network: "784-256-128-10", optimizer: "sgd", batch: 128, epochs: 5, seed: 42 });
  settings.set({ rate: 0.025 });
  expect(settings.link).toBe(
    "#network=784-256-128-10&optimizer=sgd&rate=0.025&batch=128&epochs=5&seed=42",
  );
  expect(begin(settings.link).values).toEqual(settings.values);
});

test("what is missing or makes no sense is as it begins", () => {
  for (const link of [
    "",
    "#main",
    "#network=1-2&optimizer=magic&rate=7&batch=3&epochs=x&seed=-1",
    "#network=toString&seed=1.5&rate=&batch=&epochs=5e0",
  ])
    expect(begin(link).values, link).toEqual(initial);
});

test("what follows from another setting changes with it", () => {
  expect(begin("#optimizer=sgd&rate=nonsense").values.rate).toBe(0.1);
  const settings = begin("#rate=0.003");
  settings.set({ optimizer: "sgd" });
  expect(settings.values.rate).toBe(0.1);
  expect(settings.link).toBe("#optimizer=sgd");
  settings.set({ optimizer: "adam", rate: 0.5 });
  expect(settings.values.rate).toBe(0.5);
});

test("some can begin anew, and what follows from them, while others stay", () => {
  const settings = begin("#optimizer=sgd&rate=0.5&batch=32&epochs=5&seed=3");
  settings.reset("rate", "seed");
  expect(settings.link).toBe("#optimizer=sgd&batch=32&epochs=5");
  expect(settings.values.rate).toBe(0.1);
  settings.reset("optimizer");
  expect(settings.values.rate).toBe(1e-3);
  settings.reset();
  expect(settings.values).toEqual(initial);
});

test("a listener hears the strongest effect, and nothing where nothing changed", () => {
  const settings = begin("");
  const heard = vi.fn();
  settings.onChange((effect) => heard(effect));
  settings.set({ rate: 0.01 });
  settings.set({ epochs: 5 });
  settings.set({ rate: 0.02, epochs: 10 });
  settings.set({ rate: 0.03, epochs: 20, batch: 32 });
  settings.set({ batch: 32 });
  settings.follow("#main");
  expect(heard.mock.calls.flat()).toEqual(["live", "extend", "extend", "rebuild"]);
  settings.follow("#rate=0.5&batch=32");
  settings.follow("");
  settings.reset();
  expect(heard.mock.calls.flat().slice(4)).toEqual(["live", "rebuild"]);
});
