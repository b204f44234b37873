import { compile, data, init, tensor, variable, type Tensor } from "cotangent";
import { safetensors } from "cotangent/io";
import { beforeAll, describe, expect, test } from "vitest";
import { backends } from "../backends.ts";

// Browsers refuse memory that threads share in places where Node takes it: in decoding text, for one.

/** Shared memory; pages that are not isolated have no class for it. */
const shared = () => new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer;

describe.each(backends)("memory that is shared, on %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  test("holds a file, whole or as a part of it", async () => {
    // As long as fills the memory.
    const long = await safetensors.save({ w: variable(new Float32Array(16_366)) });
    const whole = shared();
    expect(long.length).toBe(whole.byteLength);
    new Uint8Array(whole).set(long);
    expect(safetensors.parse(whole)).toEqual(safetensors.parse(long));

    const [w, read] = [variable([1, 2, 3]), variable([0, 0, 0])];
    const file = await safetensors.save({ w });
    const part = new Uint8Array(shared(), 4, file.length);
    part.set(file);
    expect(safetensors.parse(part)).toEqual(safetensors.parse(file));
    await safetensors.load({ w: read }, part);
    part.fill(0);
    expect(await read.array()).toEqual([1, 2, 3]);
  });

  test("holds numbers, which are copied", async () => {
    const numbers = new Float32Array(shared(), 0, 3);
    numbers.set([1, 2, 3]);
    const x = tensor(numbers);
    const w = variable(numbers);
    const y = compile((x: Tensor) => x.mul(2))(numbers);
    const [batch] = data.dataset({ numbers }).batches(3);
    numbers.fill(7);
    for (const kept of [x, w, batch.numbers]) expect(await kept.array()).toEqual([1, 2, 3]);
    expect(await y.array()).toEqual([2, 4, 6]);
  });
});
