import { expect, test } from "vitest";
import { placesOf } from "../../src/graph/reference.ts";

test("places beyond 2³¹ are counted", () => {
  expect([...placesOf([2, 2], [2 ** 31, 1])]).toEqual([0, 1, 2 ** 31, 2 ** 31 + 1]);
});
