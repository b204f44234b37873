import { expect, test } from "vitest";
import { flip, gather, tensor, variable, zeros, type Tensor } from "../../src/index.ts";
import { catchPrograms, planOf } from "./plan-of.ts";

catchPrograms();

test("a variable's elements that indices are made of are read before it is overwritten", () => {
  const places = variable(tensor([2, 0, 1], { dtype: "int32" }));
  const assign = (where: (old: Tensor) => Tensor) =>
    planOf((x) => places.assign(gather(x, where(places))), [zeros([3], { dtype: "int32" })]);
  for (const where of [(old: Tensor) => flip(old, 0), (old: Tensor) => old.add(1).remainder(3)]) {
    const { inPlace, copies } = assign(where);
    expect([inPlace.size, copies.length]).toEqual([0, 1]);
  }
});
