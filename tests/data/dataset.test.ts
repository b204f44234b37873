import { compile, data, init, random, tensor, type Tensor } from "cotangent";
import { beforeEach, describe, expect, test } from "vitest";
import { backends } from "../backends.ts";

/** n examples: x = [i, −i], y = i. */
const examples = (n: number) =>
  data.dataset({
    x: tensor(
      Float32Array.from({ length: 2 * n }, (_, k) => (k % 2 ? -1 : 1) * (k >> 1)),
      [n, 2],
    ),
    y: Int32Array.from({ length: n }, (_, i) => i),
  });

const labels = async ({ y }: { y: Tensor }) => Array.from(await y.data());
const sorted = (values: number[]) => values.toSorted((a, b) => a - b);
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);

async function epochOf(batches: Iterable<{ x: Tensor; y: Tensor }>): Promise<number[]> {
  const seen: number[] = [];
  for (const batch of batches) {
    const ys = await labels(batch);
    expect(await batch.x.array()).toEqual(ys.map((i) => [i, -i]));
    seen.push(...ys);
  }
  return seen;
}

describe.each(backends)("data sets on %s", (backend) => {
  beforeEach(async () => {
    await init({ backend });
  });

  test("batches of known shapes, the last one short", async () => {
    const batches = examples(10).batches(4);
    expect(batches.length).toBe(3);
    expect(Array.from(batches, ({ x }) => x.shape)).toEqual([
      [4, 2],
      [4, 2],
      [2, 2],
    ]);
    expect(Array.from(batches, ({ y }) => y.dtype)).toEqual(["int32", "int32", "int32"]);
    expect(await epochOf(batches)).toEqual(upTo(10));
    expect(Array.from(examples(10).batches(4, { dropLast: true }))).toHaveLength(2);
    expect(Array.from(examples(0).batches(4))).toHaveLength(0);
  });

  test("shuffled, every epoch holds all examples once, in an order of its own", async () => {
    const batches = examples(50).batches(8, { shuffle: true, seed: 3 });
    const first = await epochOf(batches);
    const second = await epochOf(batches);
    expect(sorted(first)).toEqual(upTo(50));
    expect(sorted(second)).toEqual(upTo(50));
    expect(first).not.toEqual(upTo(50));
    expect(first).not.toEqual(second);
    expect(await epochOf(examples(50).batches(8, { shuffle: true, seed: 3 }))).toEqual(first);
  });

  test("orders without a seed follow random.seed", async () => {
    const order = () => epochOf(examples(20).batches(20, { shuffle: true }));
    random.seed(5);
    const [a, b] = [await order(), await order()];
    random.seed(5);
    expect([await order(), await order()]).toEqual([a, b]);
    expect(a).not.toEqual(b);
  });

  test("split, take, shuffle and subset", async () => {
    const set = examples(20);
    const [train, held] = set.split(0.75, { seed: 1 });
    expect([train.size, held.size]).toEqual([15, 5]);
    const parts = [...(await labels(train.tensors())), ...(await labels(held.tensors()))];
    expect(sorted(parts)).toEqual(upTo(20));
    expect(parts).not.toEqual(upTo(20));
    const thirds = set.split([5, 5, 10]);
    expect(await labels(thirds[1].tensors())).toEqual([5, 6, 7, 8, 9]);
    expect(await labels(thirds[2].take(2).tensors())).toEqual([10, 11]);
    expect(await labels(set.subset([3, 1, 3]).tensors())).toEqual([3, 1, 3]);
    expect(await epochOf(set.shuffle(2).batches(6))).toEqual(
      await labels(set.shuffle(2).tensors()),
    );
  });

  test("a set of tensors that the host does not know", async () => {
    const x = tensor(Float32Array.from(upTo(6))).mul(2);
    const y = tensor(upTo(6), { dtype: "int32" }).add(0);
    const set = data.dataset({ x, y });
    const seen = await Promise.all(Array.from(set.batches(4), labels));
    expect(seen).toEqual([
      [0, 1, 2, 3],
      [4, 5],
    ]);
    expect(await set.subset([5, 0]).tensors().x.array()).toEqual([10, 0]);
  });

  test("the caller may overwrite a typed array at once", async () => {
    const y = Int32Array.from(upTo(4));
    const set = data.dataset({ y });
    y.fill(9);
    expect(await labels(set.tensors())).toEqual(upTo(4));
  });
});

describe.each(backends)("resident sets on %s", (backend) => {
  beforeEach(async () => {
    await init({ backend });
  });

  test("deal out full batches, shuffled anew in each epoch", async () => {
    const set = data.resident(examples(10), { batchSize: 4, shuffle: true, seed: 7 });
    expect(set.length).toBe(2);
    const step = compile(() => set.next());
    const { x, y } = step.repeat(6)();
    expect([x.shape, y.shape]).toEqual([
      [6, 4, 2],
      [6, 4],
    ]);
    const dealt = Array.from(await y.data());
    const epochs = [0, 8, 16].map((at) => dealt.slice(at, at + 8));
    for (const epoch of epochs) {
      expect(new Set(epoch).size).toBe(8);
      expect(epoch.every((i) => i >= 0 && i < 10)).toBe(true);
    }
    expect(epochs[0]).not.toEqual(epochs[1]);
    expect(Array.from(await x.data())).toEqual(dealt.flatMap((i) => [i, i === 0 ? -0 : -i]));
  });

  test("go on where they were, in calls, repetitions and outside of compile", async () => {
    const set = data.resident(examples(8), { batchSize: 2 });
    const step = compile(() => set.next().y);
    const dealt = [
      await step().array(),
      await set.next().y.array(),
      await step.repeat(3)().array(),
    ];
    expect(dealt).toEqual([
      [0, 1],
      [2, 3],
      [
        [4, 5],
        [6, 7],
        [0, 1],
      ],
    ]);
    set.reset();
    expect(await step().array()).toEqual([0, 1]);
  });

  test("are shuffled as batches with the same seed are", async () => {
    const options = { shuffle: true, seed: 11 };
    const set = data.resident(examples(12), { batchSize: 4, ...options });
    const dealt = await compile(() => set.next().y)
      .repeat(6)()
      .data();
    const batches = examples(12).batches(4, options);
    expect(Array.from(dealt)).toEqual([...(await epochOf(batches)), ...(await epochOf(batches))]);
  });
});

test.each<[string, () => unknown, string]>([
  [
    "parts of different lengths",
    () => data.dataset({ x: new Float32Array(3), y: new Int32Array(4) }),
    "dataset: the parts differ in length: x has 3, y has 4",
  ],
  ["a scalar", () => data.dataset({ x: tensor(1) }), "dataset: x is a scalar"],
  ["no parts", () => data.dataset({}), "dataset: it has no parts"],
  ["a batch of none", () => examples(4).batches(0), "≥ 1, got 0"],
  ["a fraction above 1", () => examples(4).split(2), "a fraction between 0 and 1"],
  [
    "counts that do not add up",
    () => examples(4).split([1, 2]),
    "parts of 1, 2 examples do not make up a set of 4",
  ],
  ["an example that is not there", () => examples(4).subset([4]), "there is no example 4 among 4"],
  [
    "more than there are",
    () => examples(4).take(5),
    "take: n is a whole number up to the 4 examples there are, got 5",
  ],
  [
    "a batch larger than the set",
    () => data.resident(examples(4), { batchSize: 5 }),
    "4 examples does not fill a batch of 5",
  ],
  ...(
    [
      ["undefined", undefined],
      ["Array", [1, 2]],
      ["an instance of Tensor", tensor([1])],
    ] as const
  ).map(([kind, parts]): [string, () => unknown, string] => [
    `${kind} for parts`,
    () => data.dataset(parts as never),
    `dataset: expected parts by name, as in { x, y }, got ${kind}`,
  ]),
  ...["0.5", undefined].map((parts): [string, () => unknown, string] => [
    `a split by ${typeof parts}`,
    () => examples(4).split(parts as never),
    `split: what it takes is a fraction between 0 and 1 or a list of lengths, got ${typeof parts}`,
  ]),
  ...(
    [
      ["undefined", undefined],
      ["number", 3],
      ["string", "12"],
      ["an instance of Tensor", tensor([1])],
    ] as const
  ).map(([kind, places]): [string, () => unknown, string] => [
    `a subset of ${kind}`,
    () => examples(4).subset(places as never),
    `subset: expected places in an array, got ${kind}`,
  ]),
  [
    "a resident set without options",
    () => data.resident(examples(4), undefined as never),
    "resident: expected options { batchSize, shuffle, seed }, got undefined",
  ],
  [
    "bare parts for a resident set",
    () => data.resident({ x: tensor([1]) } as never, { batchSize: 1 }),
    "resident: expected a data set, got object",
  ],
])("%s is an error", (_, make, message) => {
  expect(make).toThrow(message);
});
