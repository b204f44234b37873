import { expect, test } from "vitest";
import * as I from "../../src/base/index-expr.ts";
import { placeholder } from "../../src/graph/build.ts";
import { slice } from "../../src/ops/slice.ts";
import { Expander } from "../../src/plan/expression.ts";
import { ROW } from "../../src/plan/loop-variables.ts";
import { collectGarbage } from "../semantics/collect.ts";

/** The place that an element of a slice comes from, as long as somebody holds it. */
function placeIn(start: number, index: I.Index): WeakRef<I.Index> {
  const x = placeholder({ shape: [64], dtype: "float32" });
  const y = slice(x, [start], [start + 1]);
  const element = new Expander((node) => node === x).element(y, index);
  if (element.kind !== "load") throw new Error("an element of a slice is read");
  return new WeakRef(element.index);
}

test("places that a movement leads to are found once for an index, and go with it", async () => {
  // Loops of one row have the index 0, which is the same for all plans.
  const row = I.variable(ROW, 1);
  const places = Array.from({ length: 60 }, (_, i) => placeIn(i, row));
  await collectGarbage();
  expect(places.filter((place) => place.deref()).length).toBe(0);
});
