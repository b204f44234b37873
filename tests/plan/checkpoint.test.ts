import { expect, test } from "vitest";
import { checkpoint, compile, gradients, tensor, variable, type Tensor } from "../../src/index.ts";
import { isCall } from "../../src/plan/nest.ts";
import { catchPrograms, planOf } from "./plan-of.ts";

catchPrograms();

// A net of 24 layers, with a checkpoint for each 6 of them.

const values = (...shape: number[]) =>
  tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * i)),
    shape,
  );

const [depth, width, batch] = [24, 16, 128];

/** The gradients by all weights and the input, without checkpoints and with them. */
function steps() {
  const ws = Array.from({ length: depth }, () => variable(values(width, width).mul(0.2)));
  const bs = Array.from({ length: depth }, () => variable(values(width)));
  const layers = (from: number, to: number) => (x: Tensor) =>
    ws.slice(from, to).reduce(
      (h, w, i) =>
        h
          .matmul(w)
          .add(bs[from + i])
          .gelu(),
      x,
    );
  const inParts = (x: Tensor) =>
    [0, 6, 12, 18].reduce((h, from) => checkpoint(layers(from, from + 6))(h), x);
  return [layers(0, depth), inParts].map((net) => (x: Tensor) => {
    const y = net(x).square().mean();
    return [y, ...gradients(y, [x, ...ws, ...bs])];
  });
}

test("has the same gradients, and takes at most half the memory", async () => {
  const x = values(batch, width);
  const [plain, parted] = steps().map((f) => compile(f));
  const [a, b] = [plain(x), parted(x)];
  for (const [i, g] of a.entries()) expect(await b[i].data()).toEqual(await g.data());
  const [most, less] = [plain, parted].map((f) => Math.max(...f.plan().memory));
  expect(less).toBeLessThanOrEqual(most / 2);
  expect(parted.explain()).toContain(`peak memory ${(less / 1e3).toPrecision(3)} kB`);
});

test("takes at most half on a GPU, where the forward pass is computed twice", () => {
  const plans = steps().map((f) => planOf(f, [values(batch, width)]));
  const [most, less] = plans.map(({ memory }) => Math.max(...memory.used));
  expect(less).toBeLessThanOrEqual(most / 2);
  const products = plans.map((p) => p.steps.flat().filter((part) => !isCall(part) && part.product));
  expect(products.map((list) => list.length)).toEqual([3 * depth, 4 * depth]);
});
