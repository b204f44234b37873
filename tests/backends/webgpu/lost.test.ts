import { expect, test } from "vitest";
import { compile, init, tensor, variable } from "../../../src/index.ts";

test("what is called while a lost device is being replaced runs on the next one", async () => {
  const device = await init();
  const w = variable(tensor(0));
  const x = tensor([1, 2, 3]);
  const step = compile(() => {
    w.assign(w.add(1));
    return w.mul(x);
  });
  expect(await step().array()).toEqual([1, 2, 3]);
  await device.snapshot();
  await step.repeat(5)().data();
  const { gpu } = device;
  gpu?.destroy();
  await gpu?.lost;
  // The next device is not there yet.
  expect(device.gpu).toBe(gpu);
  const dropped = step();
  const results = [step(), step(), w.add(10)];
  dropped.dispose();
  expect(await Promise.all(results.map((y) => y.array()))).toEqual([[3, 6, 9], [4, 8, 12], 14]);
  expect(device.gpu).not.toBe(gpu);
  expect(await step.repeat(2)().array()).toEqual([
    [5, 10, 15],
    [6, 12, 18],
  ]);
  device.dispose();
});
