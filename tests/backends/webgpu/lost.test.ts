import { expect, test } from "vitest";
import {
  compile,
  DeviceLostError,
  init,
  tensor,
  variable,
  type Compiled,
  type Device,
  type Tensor,
} from "../../../src/index.ts";

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

type Step = Compiled<[], Tensor>;

test.each<[string, (step: Step, device: Device) => Promise<unknown>]>([
  ["a first call, whose pipelines are still made", (step) => step().data()],
  ["a repetition in many submissions", (step) => step.repeat(20_000)().data()],
  ["a profile", (step) => step.profile()],
  ["a validation", (step) => step.validate()],
  ["a snapshot", (step, device) => (step(), device.snapshot())],
])("%s on a device that is lost rejects, and the next call works", async (_, act) => {
  const device = await init();
  const w = variable(tensor(0));
  const scale = tensor([1, 2]).mul(2);
  const step = compile(() => {
    w.assign(w.add(1));
    return w.mul(scale);
  });
  await device.snapshot();
  const pending = act(step, device);
  const { gpu } = device;
  gpu?.destroy();
  await expect(pending).rejects.toThrow(DeviceLostError);
  expect(await step().array()).toEqual([2, 4]);
  expect(await step().array()).toEqual([4, 8]);
  device.dispose();
});

test("a constant that went before its value was kept is no part of the next snapshot", async () => {
  const device = await init();
  const w = variable(tensor(3));
  await device.snapshot();
  const scale = tensor([1, 2]).mul(2);
  const step = compile(() => w.mul(scale));
  const pending = step().data();
  device.gpu?.destroy();
  await expect(pending).rejects.toThrow(DeviceLostError);
  await device.snapshot();
  expect(await step().array()).toEqual([6, 12]);
  device.dispose();
});
