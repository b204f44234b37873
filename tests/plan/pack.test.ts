import { expect, test } from "vitest";
import { variable, zeros, type Variable } from "../../src/index.ts";
import type { KernelPlan, Limits } from "../../src/plan/plan.ts";
import { canGrant, placeIn, type PackedPlace, type Wish } from "../../src/plan/wish.ts";
import { catchPrograms, planOf } from "./plan-of.ts";

catchPrograms();

const SIZES = [3, 64, 70, 5];
const fresh = () => SIZES.map((n) => variable(zeros([n])));

/** The plan of an update of each of some variables. */
const planFor = (variables: readonly Variable[], limits: Partial<Limits> = {}) =>
  planOf(
    () => {
      for (const v of variables) v.assign(v.mul(0.5).tanh());
    },
    [],
    limits,
  );

const wishesOf = ({ wishes }: KernelPlan) =>
  wishes.map(({ variables, offsets }) => variables.map((v, i) => [v.size, offsets[i]]));

test("the same program has the same plan, and the same wishes, each time", () => {
  const variables = fresh();
  const plans = [planFor(variables), planFor(variables)];
  for (const plan of plans) {
    expect(plan.steps).toHaveLength(1);
    expect(wishesOf(plan)).toEqual([
      [
        [3, 0],
        [64, 64],
        [70, 128],
        [5, 256],
      ],
    ]);
  }
});

test("what is given already is not wished for otherwise", () => {
  const [a, b, c, d] = fresh();
  const wish: Wish = { variables: [a, b], offsets: [0, 64] };
  const given = new Map<Variable, PackedPlace>(wish.variables.map((v, i) => [v, placeIn(wish, i)]));
  const packedPlace = (v: Variable) => given.get(v) ?? null;
  const both = (some: readonly Variable[]) => wishesOf(planFor(some, { packedPlace }));
  const [ab, cd] = [
    [
      [3, 0],
      [64, 64],
    ],
    [
      [70, 0],
      [5, 128],
    ],
  ];
  expect(both([a, b])).toEqual([ab]);
  expect(both([a, b, c, d])).toEqual([ab, cd]);
  expect(both([c, d])).toEqual([cd]);
  // In another order, or without the other.
  expect(both([b, a])).toEqual([]);
  expect(both([a, c, d])).toEqual([cd]);
});

test("a wish can be granted if none of its variables lies beside others, or all as wished", () => {
  const [a, b, c] = fresh();
  const wish: Wish = { variables: [a, b], offsets: [0, 64] };
  const none = () => null;
  const given = (v: Variable) => {
    const at = wish.variables.indexOf(v);
    return at < 0 ? null : placeIn(wish, at);
  };
  expect(canGrant(wish, none)).toBe(true);
  expect(canGrant({ ...wish, variables: [a, a] }, none)).toBe(false);
  expect(canGrant(wish, given)).toBe(true);
  for (const other of [
    { variables: [a, b], offsets: [0, 128] },
    { variables: [b, a], offsets: [0, 64] },
    { variables: [a, b, c], offsets: [0, 64, 128] },
    { variables: [c, a], offsets: [0, 64] },
    { variables: [a, c], offsets: [0, 64] },
    { variables: [a], offsets: [0] },
  ]) {
    expect(canGrant(other, given), JSON.stringify(other.offsets)).toBe(false);
  }
});

test("no more lies side by side than a kernel may bind", () => {
  const plan = planFor(fresh(), { bindingBytes: 4 * 128 });
  expect(wishesOf(plan)).toEqual([
    [
      [3, 0],
      [64, 64],
    ],
  ]);
  for (const { size } of plan.packed.keys()) expect(size).toBeLessThanOrEqual(128);
});
