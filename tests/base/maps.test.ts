import { expect, test } from "vitest";
import { addTo, getOrMake } from "../../src/base/maps.ts";

test("a value is made once for a key, be it 0 or null", () => {
  const known = new Map<string, number | null>();
  let made = 0;
  const make = (value: number | null) => () => (made++, value);
  expect(getOrMake(known, "zero", make(0))).toBe(0);
  expect(getOrMake(known, "null", make(null))).toBe(null);
  expect(getOrMake(known, "zero", make(1))).toBe(0);
  expect(getOrMake(known, "null", make(1))).toBe(null);
  expect(made).toBe(2);
});

test("lists keep the order in which values are added, without a value that follows itself", () => {
  const lists = new Map<string, number[]>();
  for (const value of [2, 2, 1, 2]) addTo(lists, "a", value);
  addTo(lists, "b", 1);
  expect([...lists]).toEqual([
    ["a", [2, 1, 2]],
    ["b", [1]],
  ]);
});
