import { compile, init, tensor, type Tensor } from "cotangent";
import { expect, test } from "vitest";
import { evaluateComplex, interpret } from "../../../src/backends/cpu/interpret.ts";
import { placeholder } from "../../../src/graph/build.ts";
import { flip } from "../../../src/ops/movement.ts";
import { gc } from "../../semantics/collect.ts";

await init({ backend: "cpu" });

const SIZE = 2 ** 15;
/** Of a value of SIZE elements in float64. */
const BYTES = 8 * SIZE;

/** 32 values, one after the other. */
const chain = (x: Tensor) => {
  let y = x;
  for (let i = 0; i < 16; i++) y = y.neg().flip();
  return y;
};

/** The most memory that arrays take while `action` runs, in values: looked at in each flip. */
async function peakOf(action: () => unknown): Promise<number> {
  const held = () => {
    gc();
    return process.memoryUsage().arrayBuffers / BYTES;
  };
  const before = held();
  let peak = 0;
  const { cpu } = flip.op;
  // No mock of vitest's: they keep all that they are called with.
  flip.op.cpu = (...args) => {
    peak = Math.max(peak, held() - before);
    return cpu(...args);
  };
  try {
    await action();
  } finally {
    flip.op.cpu = cpu;
  }
  return peak;
}

test("a value is let go after its last reader", async () => {
  const x = tensor(new Float32Array(SIZE));
  expect(await peakOf(() => chain(x).data())).toBeLessThan(8);
});

test("a call of a compiled function and repetitions of it hold a few values and the results", async () => {
  const f = compile((x: Tensor) => chain(x));
  const x = tensor(new Float32Array(SIZE));
  expect(await peakOf(() => f(x).data())).toBeLessThan(8);
  expect(await peakOf(() => f.repeat(3)(x).data())).toBeLessThan(3 + 8);
});

test("complex numbers are let go too", async () => {
  const x = placeholder({ shape: [SIZE], dtype: "float32" });
  const value = { re: new Float64Array(SIZE), im: new Float64Array(SIZE).fill(1e-100) };
  const run = () => interpret([chain(x)], () => value, evaluateComplex);
  expect(await peakOf(run)).toBeLessThan(2 * 8);
});
