import { expect, test } from "vitest";
import { WeakList } from "../../src/base/weak-list.ts";
import { collectGarbage } from "../semantics/collect.ts";

test("a list of what is not kept stays short, and has what is", async () => {
  const list = new WeakList<{ n: number }>();
  const kept = Array.from({ length: 100 }, (_, n) => ({ n }));
  for (const value of kept) list.add(value);
  for (let i = 0; i < 20; i++) {
    for (let n = 0; n < 500; n++) list.add({ n: -1 });
    await collectGarbage(1);
  }
  expect(list.length).toBeLessThan(1500);
  expect([...list].filter(({ n }) => n >= 0)).toEqual(kept);
});
