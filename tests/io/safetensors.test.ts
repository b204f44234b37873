import {
  ArgumentError,
  compile,
  data,
  DtypeError,
  init,
  nn,
  optim,
  random,
  tensor,
  ValueError,
  variable,
  type Tensor,
} from "cotangent";
import { safetensors } from "cotangent/io";
import { beforeEach, describe, expect, test } from "vitest";
import { backends } from "../backends.ts";

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** A file with this header and so many bytes of data. */
function fileOf(header: unknown, size: number): Uint8Array {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  const json = new TextEncoder().encode(text);
  const file = new Uint8Array(8 + json.length + size);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
}

const training = () => {
  const model = nn.sequential(nn.linear(3, 4), nn.tanh(), nn.linear(4, 2));
  const optimizer = optim.adam(model.parameters(), { learningRate: 0.01 });
  const step = compile((x: Tensor) => {
    const loss = model.forward(x).square().mean();
    optimizer.minimize(loss);
    return loss;
  });
  return { step, state: { model, optimizer } };
};

describe.each(backends)("safetensors on %s", (backend) => {
  beforeEach(async () => {
    await init({ backend });
    random.seed(1);
  });

  test("a training goes on from a file as if it had not stopped", async () => {
    const x = random.normal([8, 3]);
    const run = async ({ step }: ReturnType<typeof training>, n: number) => {
      const losses: number[] = [];
      for (let i = 0; i < n; i++) losses.push(await step(x).item());
      return losses;
    };
    const first = training();
    await run(first, 3);
    // The file holds float32, which the reference does not round to.
    const bytes = await safetensors.save(first.state);
    await safetensors.load(first.state, bytes);
    const second = training();
    await safetensors.load(second.state, bytes);
    expect(await run(second, 5)).toEqual(await run(first, 5));
    expect(await second.state.optimizer.step.item()).toBe(8);
  });

  test("what draws goes on from a file as if it had not stopped", async () => {
    const dropout = nn.dropout(0.5);
    const draw = compile(() => dropout.forward(random.uniform([16])));
    const drawn = async () => [
      ...(await draw().data()),
      ...(await random.normal([4]).data()),
      ...(await data
        .dataset({ x: tensor([0, 1, 2, 3, 4]) })
        .shuffle()
        .tensors()
        .x.data()),
    ];
    await drawn();
    const bytes = await safetensors.save({ random });
    const expected = [await drawn(), await drawn()];
    random.seed(2);
    expect(await drawn()).not.toEqual(expected[0]);
    await safetensors.load({ random }, bytes);
    expect([await drawn(), await drawn()]).toEqual(expected);
    // Another process has another device.
    await init({ backend });
    await safetensors.load({ random }, bytes);
    expect([await drawn(), await drawn()]).toEqual(expected);
    expect(Object.keys(safetensors.parse(bytes)).sort()).toEqual([
      "random.compiled",
      "random.eager",
    ]);
  });

  test("the layout of a file", async () => {
    const tree = {
      list: [variable([1, 2, 3]), variable(true)],
      count: variable(new Int32Array([-1, 7])),
      words: variable(new Uint32Array([4294967295])),
    };
    const bytes = await safetensors.save(tree);
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    const text = new TextDecoder().decode(bytes.subarray(8, 8 + length));
    const header = JSON.parse(text) as Record<string, Entry>;
    expect(header).toEqual({
      "list.0": { dtype: "F32", shape: [3], data_offsets: [0, 12] },
      count: { dtype: "I32", shape: [2], data_offsets: [12, 20] },
      words: { dtype: "U32", shape: [1], data_offsets: [20, 24] },
      "list.1": { dtype: "BOOL", shape: [], data_offsets: [24, 25] },
    });
    expect(bytes.length).toBe(8 + length + 25);
    const parsed = safetensors.parse(bytes);
    expect(Array.from(parsed["list.0"].data)).toEqual([1, 2, 3]);
    expect(parsed.words.data).toEqual(new Uint32Array([4294967295]));
    const copy = {
      list: [variable([0, 0, 0]), variable(false)],
      count: variable(new Int32Array(2)),
      words: variable(new Uint32Array(1)),
    };
    await safetensors.load(copy, bytes);
    expect(await copy.list[0].array()).toEqual([1, 2, 3]);
    expect(await copy.list[1].array()).toBe(true);
    expect(await copy.count.array()).toEqual([-1, 7]);
    expect(await copy.words.array()).toEqual([4294967295]);
  });

  test("names of modules and optimizers", async () => {
    const { state } = training();
    const names = Object.keys(safetensors.parse(await safetensors.save(state)));
    expect(names).toEqual([
      "model.0.weight",
      "model.0.bias",
      "model.2.weight",
      "model.2.bias",
      "optimizer.step",
      ...[0, 1, 2, 3].map((i) => `optimizer.firstMoment.${i}`),
      ...[0, 1, 2, 3].map((i) => `optimizer.secondMoment.${i}`),
    ]);
    expect(Object.keys(safetensors.parse(await safetensors.save(state.model)))[0]).toBe("0.weight");
  });

  test("two variables of one path are an error, in saving and in loading", async () => {
    const model = nn.linear(2, 1);
    const tree = { model, "model.bias": variable(1) };
    const message = 'two variables have the path "model.bias"';
    await expect(safetensors.save(tree)).rejects.toThrow(message);
    await expect(
      safetensors.load(tree, new Uint8Array(await safetensors.save({}))),
    ).rejects.toThrow(message);
    // One variable in two places is saved in both.
    await safetensors.save({ a: model.bias!, b: model.bias! });
  });

  test("what does not fit is named, and nothing is changed", async () => {
    const bytes = await safetensors.save({ a: variable([1, 2]), b: variable([3]) });
    const a = variable([0, 0]);
    const load = (tree: Parameters<typeof safetensors.load>[0]) => safetensors.load(tree, bytes);
    await expect(load({ a, c: variable([0]) })).rejects.toThrow(
      'it lacks "c"; it has "b", which is not expected',
    );
    await expect(load({ a, b: variable([0, 0]) })).rejects.toThrow(
      '"b" has shape [1] in the file and [2] here',
    );
    await expect(load({ a, b: variable(new Int32Array(1)) })).rejects.toThrow(
      '"b" is F32 in the file, and int32 is I32',
    );
    await expect(load({ a: 1 } as never)).rejects.toThrow(
      "a is not a variable, module or optimizer",
    );
    expect(await a.array()).toEqual([0, 0]);
  });

  test("a file with a tensor that cannot be read here gives the others", async () => {
    const header = {
      scale: { dtype: "F8_E4M3", shape: [2], data_offsets: [0, 2] },
      w: { dtype: "F32", shape: [2], data_offsets: [2, 10] },
    };
    const file = fileOf(header, 10);
    file.set(new Uint8Array(Float32Array.of(1.5, -2).buffer), file.length - 8);
    const w = variable([0, 0]);
    const both = { w, scale: variable([0, 0]) };
    await expect(safetensors.load(both, file)).rejects.toThrow(
      '"scale" is F8_E4M3 in the file, and float32 is F32',
    );
    await expect(safetensors.load({ w }, file)).rejects.toThrow('it has "scale"');
    expect(await w.array()).toEqual([0, 0]);
    const { w: read } = safetensors.parse(file);
    w.assign(tensor(read.data, read.shape));
    expect(await w.array()).toEqual([1.5, -2]);
  });
});

test("a path that stands for two variables, or for a file's notes, is not saved", async () => {
  const [v, w] = [variable([1]), variable([2])];
  const model = { namedVariables: () => ({ "a.b": v }) };
  const trees: Parameters<typeof safetensors.save>[0][] = [
    { "a.b": v, a: { b: w } },
    { a: [v], "a.0": w },
    { "": { model }, model },
  ];
  for (const tree of trees) {
    await expect(safetensors.save(tree)).rejects.toThrow(/two variables have the path "(a|model)/);
    await expect(safetensors.load(tree, await safetensors.save({}))).rejects.toThrow(ValueError);
  }
  const circle: Record<string, unknown> = { v };
  circle.self = circle;
  await expect(safetensors.save(circle as never)).rejects.toThrow("self is not a variable");
  await expect(safetensors.save({ __metadata__: v })).rejects.toThrow('"__metadata__" is no name');
});

const good = { dtype: "F32", shape: [2], data_offsets: [0, 8] };

test.each<[string, Uint8Array, string]>([
  ["no file", new Uint8Array(5), "5 bytes are not a file"],
  ["cut within the header", fileOf({ a: good }, 8).subarray(0, 20), "but the file ends after 12"],
  ["cut within the data", fileOf({ a: good }, 7), 'the file ends within "a"'],
  ["too long", fileOf({ a: good }, 9), "1 bytes follow the last tensor"],
  ["no JSON", fileOf("{a", 0), "the header is not JSON"],
  ["no object", fileOf("[1]", 0), "the header is not a JSON object"],
  [
    "two tensors of one name",
    fileOf(`{ "a": ${JSON.stringify(good)}, "\\u0061": ${JSON.stringify(good)} }`, 8),
    'the header has two entries "a"',
  ],
  [
    "two lengths of one tensor",
    fileOf('{"a":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]}}', 8),
    'the header has two entries "shape"',
  ],
  [
    "an absurd header length",
    new Uint8Array(16).fill(255),
    "the header should have 18446744073709551615 bytes",
  ],
  ["an unknown dtype", fileOf({ a: { ...good, dtype: "F7" } }, 8), '"a" has the dtype "F7"'],
  [
    "a dtype by inheritance",
    fileOf({ a: { ...good, dtype: "toString" } }, 8),
    "which is not known",
  ],
  ["a negative length", fileOf({ a: { ...good, shape: [-2] } }, 8), '"a" has no shape'],
  ["no offsets", fileOf({ a: { dtype: "F32", shape: [2] } }, 8), '"a" has no data_offsets'],
  ["an entry that is no object", fileOf({ a: null }, 0), '"a" has the dtype undefined'],
  [
    "a size that does not fit",
    fileOf({ a: { ...good, shape: [3] } }, 8),
    '"a" takes 12 bytes as F32 [3], but has 8',
  ],
  [
    "a size of elements of 6 bits that does not fit",
    fileOf({ a: { dtype: "F6_E2M3", shape: [2], data_offsets: [0, 2] } }, 2),
    '"a" takes 1.5 bytes as F6_E2M3 [2], but has 2',
  ],
  [
    "overlapping tensors",
    fileOf({ a: good, b: { ...good, data_offsets: [4, 12] } }, 12),
    '"b" overlaps',
  ],
  ["a gap", fileOf({ a: good, b: { ...good, data_offsets: [12, 20] } }, 20), 'a gap before "b"'],
])("a damaged file: %s", (_, bytes, message) => {
  expect(() => safetensors.parse(bytes)).toThrow(message);
  expect(() => safetensors.parse(bytes)).toThrow(expect.objectContaining({ name: "FormatError" }));
});

test("a file is read from a view of any kind, and nothing else is taken for one", async () => {
  const w = variable([1, 2, 3]);
  const file = await safetensors.save({ w });
  const shifted = new Uint8Array(file.length + 8);
  shifted.set(file, 8);
  const { buffer } = shifted;
  for (const bytes of [file.buffer, new DataView(buffer, 8), new Float32Array(buffer, 8)]) {
    expect(safetensors.parse(bytes)).toEqual(safetensors.parse(file));
  }
  for (const value of ["model.safetensors", undefined, 8, [1, 2]]) {
    expect(() => safetensors.parse(value as never)).toThrow(ArgumentError);
    await expect(safetensors.load({ w }, value as never)).rejects.toThrow(
      "safetensors: expected the bytes of a file, got ",
    );
  }
});

test("files of others: metadata, empty tensors, 16-bit and 64-bit numbers, any alignment", () => {
  const header = {
    __metadata__: { format: "pt", half: '{ "half": 1, \\\\', long: "{:" },
    half: { dtype: "F16", shape: [4], data_offsets: [0, 8] },
    brain: { dtype: "BF16", shape: [2], data_offsets: [8, 12] },
    long: { dtype: "I64", shape: [], data_offsets: [12, 20] },
    empty: { dtype: "F32", shape: [0, 3], data_offsets: [20, 20] },
  };
  const file = fileOf(`${JSON.stringify(header)} `, 20);
  const at = new DataView(file.buffer, file.length - 20);
  [0x3c00, 0xc000, 0x7c00, 0x0001, 0x3f80, 0xbfc0].forEach((bits, i) =>
    at.setUint16(2 * i, bits, true),
  );
  at.setBigInt64(12, -5n, true);
  const shifted = new Uint8Array(file.length + 1);
  shifted.set(file, 1);
  const tensors = safetensors.parse(shifted.subarray(1));
  expect(Array.from(tensors.half.data)).toEqual([1, -2, Infinity, 2 ** -24]);
  expect(Array.from(tensors.brain.data)).toEqual([1, -1.5]);
  expect(Array.from(tensors.long.data)).toEqual([-5]);
  expect(tensors.empty).toEqual({ dtype: "F32", shape: [0, 3], data: new Float32Array(0) });
});

test.each([
  ["C64", 64],
  ["F8_E4M3", 8],
  ["F8_E4M3FNUZ", 8],
  ["F8_E5M2", 8],
  ["F8_E5M2FNUZ", 8],
  ["F8_E8M0", 8],
  ["F6_E2M3", 6],
  ["F6_E3M2", 6],
  ["F4", 4],
])("files of others: a tensor of %s is named where its numbers are asked for", (dtype, bits) => {
  const header = {
    a: { dtype: "U8", shape: [1], data_offsets: [0, 1] },
    odd: { dtype, shape: [3, 4], data_offsets: [1, 1 + (12 * bits) / 8] },
    z: { dtype: "U8", shape: [1], data_offsets: [1 + (12 * bits) / 8, 2 + (12 * bits) / 8] },
  };
  const file = fileOf(header, header.z.data_offsets[1]);
  file[file.length - 1] = 7;
  const { a, odd, z } = safetensors.parse(file);
  expect([...a.data, ...z.data]).toEqual([0, 7]);
  expect(odd).toMatchObject({ dtype, shape: [3, 4] });
  expect(() => odd.data).toThrow(DtypeError);
  expect(() => odd.data).toThrow(`safetensors: "odd" is ${dtype}, of which no typed array has`);
});
