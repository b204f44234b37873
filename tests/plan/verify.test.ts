import { describe, expect, test } from "vitest";
import * as I from "../../src/base/index-expr.ts";
import { Application } from "../../src/graph/application.ts";
import type { Scalar } from "../../src/graph/scalar.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { cumSum, flip, matmul, softmax, sort, variable, zeros } from "../../src/index.ts";
import { ROW } from "../../src/plan/loop-variables.ts";
import type { Call } from "../../src/graph/offered-kernel.ts";
import { isCall, tensorsWritten, type Nest, type Part, type Value } from "../../src/plan/nest.ts";
import { watchPasses, type Passes, type Watcher } from "../../src/plan/passes.ts";
import { verifyPass } from "../../src/plan/verify/index.ts";
import { isOneToOne, staysWithin } from "../../src/plan/verify/ranges.ts";
import type { Limits } from "../../src/plan/plan.ts";
import { catchPrograms, planOf, softwareTarget } from "./plan-of.ts";

catchPrograms();

// Every test verifies the plans that it makes; here the verifiers are shown to find what is wrong with broken ones.

/** What the passes make of a function. */
function passesOf(
  f: (...xs: Tensor[]) => unknown,
  xs: readonly Tensor[] = [],
  limits: Partial<Limits> = {},
): Passes {
  const seen: Partial<Passes> = {};
  const keep: Watcher = (pass, made) => {
    seen[pass] = made;
  };
  const outer = watchPasses(keep);
  planOf(f, xs, limits);
  watchPasses(outer);
  return seen as Passes;
}

/** Expects a pass to be found sound as it is, and broken once something is changed. */
function expectBroken<P extends keyof Passes>(
  pass: P,
  made: Passes[P],
  broken: Passes[P],
  message: RegExp,
) {
  expect(() => verifyPass(pass, made)).not.toThrow();
  expect(() => verifyPass(pass, broken)).toThrow(message);
}

/** A readonly value changed in place for the time of a call. */
function withChanged<T extends object>(target: T, change: Partial<T>, fn: () => void) {
  const before = { ...target };
  Object.assign(target, change);
  fn();
  Object.assign(target, before);
}

describe("after lower", () => {
  const { lower } = passesOf((x) => softmax(x.mul(2)), [zeros([3, 4])]);

  test("composites, and shapes that are others", () => {
    const [y] = lower.program.outputs;
    const outputs = (x: Tensor) => ({ ...lower, lowered: { ...lower.lowered, outputs: [x] } });
    expectBroken("lower", lower, outputs(y), /^after lower: .* softmax is composite/);
    const sum = lower.lowered.outputs[0].inputs[1];
    expectBroken("lower", lower, outputs(sum), /\[3, 1\].* is not of the shape .* output 0/);
  });

  test("nodes in front of their inputs, and with results that infer does not give", () => {
    const [y] = lower.lowered.outputs;
    const { op, inputs, attrs } = y.application!;
    const made = (of: readonly Tensor[], dtype = y.dtype) =>
      new Application(op, of, attrs, [{ shape: y.shape, dtype }]).results[0];
    const outputs = (x: Tensor) => ({ ...lower, lowered: { ...lower.lowered, outputs: [x] } });
    expectBroken("lower", lower, outputs(made(inputs, "int32")), /infer says: float32 \[3, 4\]/);
    const early = made(inputs);
    const late = zeros([3, 4]);
    withChanged(early.made!, { inputs: [late, inputs[1]] }, () =>
      expectBroken("lower", lower, outputs(early), /comes before its input/),
    );
  });

  test("assignments that are gone", () => {
    const v = variable(zeros([2]));
    const own = passesOf(() => v.assign(v.add(1))).lower;
    const broken = { ...own, lowered: { ...own.lowered, effects: [] } };
    expectBroken("lower", own, broken, /is not assigned/);
  });
});

describe("after materialize", () => {
  const padded = (x: Tensor, y: Tensor) => {
    const rows = x.pad([
      [1, 1],
      [0, 0],
    ]);
    return [matmul(rows, y).sum(), matmul(y, y, { transposeB: true })];
  };
  const { materialize } = passesOf(padded, [zeros([3, 4]), zeros([4, 4])]);
  const { chosen, roots } = materialize;

  test("results, folds and products that are not stored", () => {
    const without = (x: Tensor) => ({
      roots,
      chosen: { ...chosen, stored: new Set([...chosen.stored].filter((y) => y !== x)) },
    });
    const [sum, product] = roots;
    expectBroken("materialize", materialize, without(sum), /the result .* is not stored/);
    const inner = [...chosen.stored].find((x) => x.op!.kind === "contract" && x !== product)!;
    expectBroken("materialize", materialize, without(inner), /the product .* is not stored/);
    const own = passesOf((x) => cumSum(x, 0).exp(), [zeros([5])]).materialize;
    const stored = new Set([...own.chosen.stored].filter((x) => x.op!.kind !== "scan"));
    const broken = { ...own, chosen: { ...own.chosen, stored } };
    expectBroken("materialize", own, broken, /the fold or scan .* is not stored/);
  });

  test("operands that are missing, not in memory, out of bounds, or no matrices", () => {
    const [[first, [a, b]]] = chosen.operands;
    const operands = (own: typeof a, other = b) => ({
      roots,
      chosen: { ...chosen, operands: new Map(chosen.operands).set(first, [own, other]) },
    });
    const broken = (own: Partial<typeof a>) => operands({ ...a, ...own });
    expectBroken(
      "materialize",
      materialize,
      { roots, chosen: { ...chosen, operands: new Map() } },
      /has no operands/,
    );
    expectBroken("materialize", materialize, broken({ tensor: first.inputs[0] }), /not in memory/);
    expectBroken("materialize", materialize, broken({ bounds: [] }), /leaves float32\[3, 4\]/);
    expectBroken(
      "materialize",
      materialize,
      broken({ index: I.shift(a.index, 1) }),
      /operand 0 .* leaves/,
    );
    const turned = { ...b, matrices: { ...b.matrices!, transposed: !b.matrices!.transposed } };
    expectBroken("materialize", materialize, operands(a, turned), /does not lie as matrices/);
  });
});

describe("after fuse", () => {
  const { fuse } = passesOf(
    (x) => {
      const e = x.exp();
      const turned = flip(e, 0).mul(2);
      return [e, turned, turned.add(e)];
    },
    [zeros([6])],
  );
  const { groups } = fuse.grouped;
  const changed = (own: typeof groups) => ({ ...fuse, grouped: { ...fuse.grouped, groups: own } });

  test("values in no group or in two", () => {
    expectBroken("fuse", fuse, changed(groups.slice(1)), /is in no group/);
    expectBroken("fuse", fuse, changed([...groups, groups[0]]), /is in two groups/);
  });

  test("groups that wait for each other, and reads that are not listed", () => {
    const [first, second] = groups;
    const [late] = second.members.keys();
    const waiting = { ...first, reads: new Set([...first.reads, late]) };
    expectBroken("fuse", fuse, changed([waiting, ...groups.slice(1)]), /waits for itself/);
    const deaf = { ...second, reads: new Set<Tensor>() };
    expectBroken("fuse", fuse, changed([first, deaf, ...groups.slice(2)]), /unnoticed/);
  });

  test("members that read others elsewhere than at their own place", () => {
    const [first, second] = groups;
    const both = { ...first, members: new Map([...first.members, ...second.members]) };
    expectBroken("fuse", fuse, changed([both, ...groups.slice(2)]), /of its own group elsewhere/);
  });

  test("loops that lead to other elements, or to other numbers of them", () => {
    const [first, ...rest] = groups;
    const place = I.scale(first.place, 2);
    expectBroken("fuse", fuse, changed([{ ...first, place }, ...rest]), /misses elements/);
    expectBroken("fuse", fuse, changed([{ ...first, rows: 5 }, ...rest]), /has 6 elements in/);
  });
});

describe("after nest", () => {
  const { nest } = passesOf((x) => softmax(x), [zeros([3, 4])]);
  const own = nest.parts[0] as Nest;
  const changed = (change: Partial<Nest>) => ({ ...nest, parts: [{ ...own, ...change }] });
  const values = (change: (v: Value, i: number) => Value) =>
    changed({ values: own.values.map(change) });

  test("values in front of what they read, and reads of what is not there or not listed", () => {
    expectBroken("nest", nest, changed({ values: own.values.toReversed() }), /which is not there/);
    expectBroken("nest", nest, changed({ reads: [] }), /unnoticed/);
  });

  test("reads outside of a tensor", () => {
    const broken = values((v) => {
      const [x] = v.parts;
      return x.kind === "load" ? { ...v, parts: [{ ...x, index: I.shift(x.index, 1) }] } : v;
    });
    expectBroken("nest", nest, broken, /reads .* outside of it/);
  });

  test("a running value that is read at another column than that of the loop", () => {
    const scan = passesOf((x) => cumSum(x, 1).exp(), [zeros([3, 4])]).nest;
    const [part] = scan.parts as Nest[];
    const shifted = (x: Scalar): Scalar => {
      if (x.kind === "apply") return { ...x, args: x.args.map(shifted) };
      return x.kind === "load" ? { ...x, index: I.scale(x.index, 0) } : x;
    };
    const [own, reader] = part.values;
    const moved = { ...part, values: [own, { ...reader, parts: reader.parts.map(shifted) }] };
    expectBroken("nest", scan, { ...scan, parts: [moved] }, /reads the scan .* elsewhere/);
  });

  test("values that nothing writes, or not element by element", () => {
    expectBroken(
      "nest",
      nest,
      values((v) => ({ ...v, place: null })),
      /nothing writes/,
    );
    expectBroken(
      "nest",
      nest,
      values((v) => (v.place ? { ...v, place: I.scale(v.place, 2) } : v)),
      /not written element by element/,
    );
    const { groups } = nest.grouped;
    const twice = {
      ...nest,
      parts: [own, own],
      grouped: { ...nest.grouped, groups: [...groups, ...groups] },
    };
    expectBroken("nest", nest, twice, /two nests write/);
  });
});

describe("after schedule", () => {
  const v = variable(zeros([6]));
  const { schedule } = passesOf(() => {
    const old = v.reshape([2, 3]).sum(0);
    v.assign(v.mul(2));
    return [old, flip(old, 0).exp()];
  });

  test("kernels in a wrong order", () => {
    const broken = { ...schedule, parts: schedule.parts.toReversed() };
    expectBroken("schedule", schedule, broken, /too early|after it was overwritten/);
    const [first, ...rest] = schedule.parts;
    expectBroken("schedule", schedule, { ...schedule, parts: [...rest, first] }, /step/);
    expectBroken("schedule", schedule, { ...schedule, parts: [first, first] }, /writes .* again/);
  });

  test("a variable that is overwritten before its old value is read", () => {
    const writer = schedule.parts.find((p) =>
      tensorsWritten(p).some((x) => schedule.inPlace.has(x)),
    )!;
    const others = schedule.parts.filter((n) => n !== writer);
    const broken = { ...schedule, parts: [writer, ...others] };
    expectBroken("schedule", schedule, broken, /after it was overwritten/);
  });

  test("a variable that is overwritten while other elements of it are read", () => {
    const own = passesOf(() => v.assign(flip(v, 0).mul(2))).schedule;
    expect(own.inPlace.size).toBe(0);
    const inPlace = new Map(own.effects.map(({ variable: w, value }) => [value, w]));
    expectBroken("schedule", own, { ...own, inPlace }, /while other elements of it are read/);
  });

  test("a value in the place of a variable that is not given it", () => {
    const broken = { ...schedule, effects: [] };
    expectBroken("schedule", schedule, broken, /unasked/);
    const other = variable(zeros([6]));
    const [{ value }] = schedule.effects;
    const twice = [...schedule.effects, { variable: other, value }];
    expectBroken("schedule", schedule, { ...schedule, effects: twice }, /several variables/);
  });
});

describe("after pack", () => {
  const vs = [70, 3, 64].map((n) => variable(zeros([n])));
  const { pack } = passesOf(() => {
    for (const v of vs) v.assign(v.mul(0.5));
  });
  const [[buffer, { members, offsets }]] = pack.packed.buffers;
  const changed = (own: { members?: readonly Tensor[]; offsets?: readonly number[] }) => ({
    ...pack,
    packed: {
      ...pack.packed,
      buffers: new Map(pack.packed.buffers).set(buffer, { members, offsets, ...own }),
    },
  });

  test("members that are not aligned, lie over each other, or stick out", () => {
    expectBroken("pack", pack, changed({ offsets: [0, 129, 192] }), /begins at element 129/);
    expectBroken("pack", pack, changed({ offsets: [0, 64, 192] }), /shares elements/);
    expectBroken("pack", pack, changed({ offsets: [0, 128, 256] }), /too short/);
  });

  test("variables that nobody wishes for, or that can't lie so", () => {
    const unwished = { ...pack, packed: { ...pack.packed, wishes: [] } };
    expectBroken("pack", pack, unwished, /nobody wishes/);
    const place = { buffer: {}, offset: 0, members: 2 };
    const given = { ...pack, limits: { ...pack.limits, packedPlace: () => place } };
    expectBroken("pack", pack, given, /can't be granted/);
    const fixed = { ...pack, limits: { ...pack.limits, packedPlace: null } };
    expectBroken("pack", pack, fixed, /for a plan that runs once/);
    const small = { ...pack, limits: { ...pack.limits, bindingBytes: 512 } };
    expectBroken("pack", pack, small, /too large to bind/);
  });

  test("values that nothing writes any more", () => {
    expectBroken("pack", pack, { ...pack, sorted: [] }, /nothing writes/);
  });
});

describe("after merge", () => {
  const { merge } = passesOf(
    (x) => [x.sum(), x.sum().add(1).exp().sum(), flip(x, 0)],
    [zeros([6])],
  );
  const changed = (steps: readonly (readonly Part[])[]) => ({ ...merge, steps });

  test("kernels that are gone, or wait for others of their dispatch", () => {
    expectBroken("merge", merge, changed(merge.steps.slice(1)), /parts have become/);
    expectBroken("merge", merge, changed([merge.steps.flat()]), /too early/);
    expectBroken("merge", merge, changed(merge.steps.toReversed()), /too early/);
  });

  test("more buffers than a kernel may bind", () => {
    expectBroken("merge", merge, { ...merge, bindings: 1 }, /binds \d buffers of at most 1/);
  });

  test("a variable that another kernel of the dispatch overwrites", () => {
    const v = variable(zeros([6]));
    const own = passesOf(() => {
      const old = v.reshape([2, 3]).sum(0);
      v.assign(v.mul(2));
      return old;
    }).merge;
    const broken = { ...own, steps: [own.steps.flat()] };
    expectBroken("merge", own, broken, /while it is overwritten/);
  });
});

describe("after memory", () => {
  const { memory } = passesOf(
    (x, y) => {
      const a = flip(x.exp(), 0).mul(y);
      return [flip(a, 0).sum(), a];
    },
    [zeros([6]), zeros([6])],
  );
  const { places } = memory.plan.memory;
  const changed = (own: typeof places) => ({
    ...memory,
    plan: { ...memory.plan, memory: { ...memory.plan.memory, places: own } },
  });
  const moved = (x: Tensor, offset: number) =>
    changed(new Map(places).set(x, { kind: "arena", offset }));
  const inArena = [...places].filter(([, place]) => place.kind === "arena").map(([x]) => x);

  test("values without a place, outside of the arena, or not aligned", () => {
    const [x] = inArena;
    const without = new Map([...places].filter(([y]) => y !== x));
    expectBroken("memory", memory, changed(without), /has no place/);
    expectBroken("memory", memory, moved(x, memory.plan.memory.size), /lies outside/);
    expectBroken("memory", memory, moved(x, 4), /lies outside/);
  });

  test("values that share memory while both are alive", () => {
    const all = changed(
      new Map([...places].map(([x, p]) => [x, p.kind === "arena" ? { ...p, offset: 0 } : p])),
    );
    expectBroken("memory", memory, all, /share memory in step/);
  });

  test("arguments over each other, or in the arena", () => {
    const [x, y] = memory.program.inputs;
    const over = new Map(places).set(y, { kind: "argument", position: 1, offset: 0 });
    expectBroken("memory", memory, changed(over), /argument 1 lies over others/);
    expectBroken("memory", memory, moved(x, 0), /argument 0 has no place/);
    const { memory: own } = memory.plan;
    const small = { ...memory, plan: { ...memory.plan, memory: { ...own, argumentSize: 256 } } };
    expectBroken("memory", memory, small, /too little room/);
  });
});

describe("ops with kernels of their own", () => {
  const target = softwareTarget(8);
  const xs = [zeros([64])];
  const passes = passesOf((x) => sort(x.mul(2)).add(1).sum(), xs, { target });
  const { lower, materialize, fuse, nest, merge } = passes;

  test("that have none, whose operands are not there, or which share a group", () => {
    const without = { ...lower, lowered: { ...lower.lowered, kernels: new Map() } };
    expectBroken("lower", lower, without, /is composite/);
    const blind = { ...materialize, chosen: { ...materialize.chosen, inputs: new Map() } };
    expectBroken("materialize", materialize, blind, /too few operands/);
    const { groups } = fuse.grouped;
    const at = groups.findIndex((g) => g.call);
    const group = groups[at];
    const changed = (own: typeof group) => ({
      ...fuse,
      grouped: { ...fuse.grouped, groups: groups.with(at, own) },
    });
    expectBroken("fuse", fuse, changed({ ...group, reads: new Set() }), /unnoticed/);
    const [member] = groups.find((g) => !g.call)!.members;
    const joined = { ...group, members: new Map([...group.members, member]) };
    const others = groups.filter((g) => g !== group && !g.members.has(member[0]));
    const shared = { ...fuse, grouped: { ...fuse.grouped, groups: [joined, ...others] } };
    expectBroken("fuse", fuse, shared, /is in the group of/);
  });

  test("that read what is not there, or share a dispatch", () => {
    const at = nest.parts.findIndex(isCall);
    const call = nest.parts[at] as Call;
    const elsewhere = { ...call, operands: [xs[0].neg()] };
    const broken = { ...nest, parts: nest.parts.with(at, elsewhere) };
    expectBroken("nest", nest, broken, /which is not there/);
    const step = merge.steps.findIndex(([part]) => isCall(part));
    const steps = merge.steps.toSpliced(step, 2, merge.steps.slice(step, step + 2).flat());
    expectBroken("merge", merge, { ...merge, steps }, /shares step|too early/);
  });
});

describe("ranges", () => {
  const r = I.variable(ROW, 12);

  test("under bounds, of parts and of what is divided", () => {
    const row = I.shift(I.div(r, 4), -1);
    const index = I.flatten([row, I.mod(r, 4)], [2, 4]);
    expect(staysWithin(index, [{ value: row, min: 0, max: 2 }], 8)).toBe(true);
    expect(staysWithin(index, [{ value: row, min: 0, max: 2 }], 7)).toBe(false);
    expect(staysWithin(index, [{ value: row, min: -1, max: 2 }], 8)).toBe(false);
    expect(staysWithin(I.shift(r, -2), [{ value: r, min: 2, max: 9 }], 7)).toBe(true);
    expect(staysWithin(I.combine([[r, -1]], 8), [{ value: r, min: 2, max: 9 }], 7)).toBe(true);
    expect(staysWithin(I.combine([[r, -1]], 8), [{ value: r, min: 2, max: 10 }], 7)).toBe(false);
  });

  test("where intervals cannot tell, point by point", () => {
    // r · r mod 5 and the like have no bounds of their own.
    const folded = I.combine([
      [r, 1],
      [I.mod(r, 5), -1],
    ]);
    expect(staysWithin(folded, [], 11)).toBe(true);
    expect(staysWithin(folded, [], 10)).toBe(false);
    const large = I.variable(ROW, 1_000_000);
    const spread = I.combine([
      [large, 1],
      [I.mod(large, 7), -1],
    ]);
    expect(staysWithin(spread, [], 1_000_000)).toBe(true);
    expect(staysWithin(spread, [], 500_000)).toBe(false);
  });

  test("of places that count each element once", () => {
    expect(isOneToOne(r, 12)).toBe(true);
    expect(isOneToOne(r, 11)).toBe(false);
    const turned = I.flatten([I.mod(r, 4), I.div(r, 4)], [4, 3]);
    expect(isOneToOne(turned, 12)).toBe(true);
    expect(isOneToOne(I.div(r, 2), 12)).toBe(false);
  });
});
