import {
  compile,
  DeviceError,
  DisposedError,
  init,
  tensor,
  variable,
  type Tensor,
} from "cotangent";
import { beforeAll, describe, expect, test } from "vitest";
import { backends } from "../backends.ts";

const values = async (x: Tensor) => Array.from(await x.data());

describe.each(backends)("dispose on %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  const made: [string, () => Promise<Tensor>][] = [
    ["a constant", async () => tensor([1, 2])],
    ["a lazy tensor", async () => tensor([1, 2]).mul(2)],
    [
      "a computed one",
      async () => {
        const x = tensor([1, 2]).mul(2);
        await x.data();
        return x;
      },
    ],
    [
      "a result of a compiled function",
      async () => compile((x: Tensor) => x.mul(2))(tensor([1, 2])),
    ],
    ["a variable", async () => variable([1, 2])],
  ];

  test.each(made)("%s is of no use after it", async (_, make) => {
    const x = await make();
    x.dispose();
    x.dispose();
    expect(() => x.add(1)).toThrow(DisposedError);
    expect(() => x.add(1)).toThrow(/^float32\[2\].* was used after dispose\(\)/);
    await expect(x.data()).rejects.toThrow(DisposedError);
    await expect(x.array()).rejects.toThrow(DisposedError);
    await expect(x.print()).rejects.toThrow(DisposedError);
    expect(() => compile((v: Tensor) => v)(x)).toThrow(DisposedError);
    expect(() => compile(() => x.add(1))()).toThrow(DisposedError);
    expect(String(x)).toContain("float32[2]");
  });

  test("a disposed variable cannot be assigned, and no step that uses it can run", () => {
    const w = variable([1, 2]);
    const step = compile(() => w.assign(w.mul(2)));
    step();
    w.dispose();
    expect(() => w.assign(tensor([1, 2]))).toThrow(DisposedError);
    expect(() => step()).toThrow(DisposedError);
  });

  test.each(made)("what was built on %s before still gets its value", async (_, make) => {
    const x = await make();
    const expected = (await values(x)).map((v) => v + 1);
    const y = x.add(1);
    const z = x.sum();
    x.dispose();
    const others = Array.from({ length: 10 }, (__, i) => tensor([i, i]).mul(100));
    await Promise.all(others.map(values));
    expect(await values(y)).toEqual(expected);
    expect(await z.item()).toBe(expected[0] + expected[1] - 2);
  });

  test("an argument may be disposed as soon as the call is made", async () => {
    const f = compile((x: Tensor) => x.mul(2).cos());
    const results: Tensor[] = [];
    for (let i = 0; i < 5; i++) {
      const x = tensor([i]).add(1);
      results.push(f(x));
      x.dispose();
      const other = tensor([i]).sub(1000);
      other.data().catch(() => {});
      results.push(f(other));
    }
    const got = (await Promise.all(results.map(values))).flat();
    const expected = [0, 1, 2, 3, 4].flatMap((i) => [
      Math.cos(2 * (i + 1)),
      Math.cos(2 * (i - 1000)),
    ]);
    got.forEach((v, i) => expect(v).toBeCloseTo(expected[i], 5));
  });

  test("a read under way is not disturbed", async () => {
    const x = tensor([1, 2]).mul(3);
    const read = x.data();
    x.dispose();
    const next = tensor([7, 8]).mul(3).data();
    expect(Array.from(await read)).toEqual([3, 6]);
    expect(Array.from(await next)).toEqual([21, 24]);
  });

  test("`using` disposes at the end of the block", () => {
    let kept: Tensor;
    {
      using x = tensor([1, 2]).add(1);
      kept = x;
      expect(x.add(1).shape).toEqual([2]);
    }
    expect(() => kept.add(1)).toThrow(DisposedError);
  });

  test("a disposed device is of no use, and its tensors are gone", async () => {
    const other = await init({ backend });
    const [x, w] = [tensor([1, 2]), variable([1])];
    const y = x.mul(2);
    await y.data();
    const step = compile((v: Tensor) => v.mul(w));
    await step(y).data();
    other.dispose();
    other.dispose();
    for (const gone of [x, y, w, y.value]) {
      expect(() => gone.add(1)).toThrow(DeviceError);
      await expect(gone.data()).rejects.toThrow(DeviceError);
      await expect(gone.data()).rejects.toThrow(/was disposed/);
    }
    expect(() => step(y)).toThrow(DeviceError);
    expect(() => other.run(() => tensor([1]).add(1))).toThrow(DeviceError);
    await expect(other.snapshot()).rejects.toThrow(DeviceError);
    await init({ backend });
    expect(await values(tensor([1]).add(1))).toEqual([2]);
  });
});
