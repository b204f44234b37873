import {
  compile,
  concat,
  DtypeError,
  init,
  ones,
  tensor,
  type Dtype,
  type Tensor,
  type TypedArray,
} from "cotangent";
import { beforeAll, describe, expect, test } from "vitest";
import { backends } from "../backends.ts";

const of = (dtype: Dtype) => ones([2], { dtype });

describe("a number takes the dtype of the tensor it meets", () => {
  test.each<[Dtype, number]>([
    ["float32", 0.5],
    ["int32", -3],
    ["uint32", 3],
  ])("%s meets %d", (dtype, value) => {
    expect(of(dtype).add(value).dtype).toBe(dtype);
    expect(of(dtype).mul(value).dtype).toBe(dtype);
  });

  test.each<[Dtype, number]>([
    ["int32", 0.5],
    ["int32", 2 ** 31],
    ["int32", NaN],
    ["uint32", -1],
    ["uint32", 1.5],
    ["bool", 1],
    ["bool", 0.5],
  ])("%s cannot hold %d", (dtype, value) => {
    expect(() => of(dtype).equal(value)).toThrow(DtypeError);
    expect(() => of(dtype).equal(value)).toThrow(`equal: ${value} cannot be ${dtype}`);
  });
});

describe("dtypes mix", () => {
  test("int32 with float32 gives float32", () => {
    expect(of("int32").mul(of("float32")).dtype).toBe("float32");
    expect(of("float32").sub(of("int32")).dtype).toBe("float32");
    expect(concat([of("int32"), of("float32")]).dtype).toBe("float32");
  });

  test("comparisons give bool", () => {
    expect(of("int32").less(of("float32")).dtype).toBe("bool");
    expect(of("uint32").equal(1).dtype).toBe("bool");
    expect(of("bool").equal(of("bool")).dtype).toBe("bool");
  });

  test.each<[Dtype, Dtype]>([
    ["uint32", "float32"],
    ["uint32", "int32"],
    ["bool", "float32"],
    ["bool", "int32"],
    ["bool", "uint32"],
  ])("%s and %s need a cast", (a, b) => {
    for (const [x, y] of [
      [a, b],
      [b, a],
    ]) {
      expect(() => of(x).add(of(y))).toThrow(DtypeError);
      expect(() => of(x).add(of(y))).toThrow(/^add: .*cast/);
      expect(of(x).cast("float32").add(of(y).cast("float32")).dtype).toBe("float32");
    }
  });
});

const arrays: [TypedArray, Dtype][] = [
  [Float32Array.of(1, 2.5), "float32"],
  [Float64Array.of(1, 2.5), "float32"],
  [Int8Array.of(-1, 2), "int32"],
  [Int16Array.of(-1, 2), "int32"],
  [Int32Array.of(-1, 2), "int32"],
  [Uint8Array.of(1, 255), "int32"],
  [Uint8ClampedArray.of(1, 255), "int32"],
  [Uint16Array.of(1, 65535), "int32"],
  [Uint32Array.of(1, 4294967295), "uint32"],
];

describe.each(backends)("typed arrays on %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  test.each(arrays)("%o becomes %s", async (values, dtype) => {
    const same = compile((x: Tensor) => x);
    for (const x of [tensor(values), same(values)]) {
      expect([x.dtype, x.shape]).toEqual([dtype, [values.length]]);
      expect(Array.from(await x.data())).toEqual(Array.from(values));
    }
  });

  test("BigInt arrays throw", () => {
    const values = BigInt64Array.of(1n) as unknown as TypedArray;
    expect(() => tensor(values)).toThrow(DtypeError);
    expect(() => tensor(values)).toThrow("BigInt64Array");
    expect(() => compile((x: Tensor) => x)(values)).toThrow(DtypeError);
  });

  test("they are copied when the call is made", async () => {
    const values = Float32Array.of(1, 2);
    const double = compile((x: Tensor) => x.mul(2));
    const made = tensor(values);
    const results: Tensor[] = [];
    for (let i = 0; i < 3; i++) {
      results.push(double(values));
      values.fill(10 ** (i + 1));
    }
    expect(await Promise.all(results.map((y) => y.array()))).toEqual([
      [2, 4],
      [20, 20],
      [200, 200],
    ]);
    expect(await made.array()).toEqual([1, 2]);
  });

  test("every dtype comes back in its own array", async () => {
    expect(await of("float32").data()).toEqual(Float32Array.of(1, 1));
    expect(await of("int32").data<Int32Array>()).toEqual(Int32Array.of(1, 1));
    expect(await of("uint32").data<Uint32Array>()).toEqual(Uint32Array.of(1, 1));
    expect(await of("bool").data<Uint8Array>()).toEqual(Uint8Array.of(1, 1));
    expect(await of("bool").array()).toEqual([true, true]);
    expect(await of("float32").data({ dtype: "float64" })).toEqual(Float64Array.of(1, 1));
  });

  test("a number among the arguments takes the dtype it meets", async () => {
    const add = compile((x: Tensor, n: Tensor) => x.add(n));
    const y = add(Int32Array.of(1, 2), 3);
    expect([y.dtype, await y.array()]).toEqual(["int32", [4, 5]]);
    const z = add(Uint32Array.of(1, 2), 3);
    expect([z.dtype, await z.array()]).toEqual(["uint32", [4, 5]]);
    expect(add(Float32Array.of(1, 2), 0.5).dtype).toBe("float32");
    expect(compile((n: Tensor) => n.mul(2))(3).dtype).toBe("float32");
    expect(() => add(Int32Array.of(1, 2), 0.5)).toThrow(DtypeError);
    expect(() => add(Uint32Array.of(1, 2), -1)).toThrow(DtypeError);
    expect(await add(Int32Array.of(1), 2 ** 24).array()).toEqual([2 ** 24 + 1]);
    expect(() => add(Int32Array.of(1), 2 ** 24 + 1)).toThrow(
      "add: 16777217 is no float32; pass a tensor",
    );
    expect(() => add(tensor([true]), 1)).toThrow(DtypeError);
  });
});
