import { DeviceLostError, type Device } from "cotangent";
import { expect, test } from "vitest";
import type { Course } from "../../demo/site/course.ts";
import { Loop } from "../../demo/site/loop.ts";

/** Takes a course on a device that is replaced when `lose` is called: what the page is told, and what is begun anew. */
function take(
  course: (lose: () => void) => Course,
  snapshot: (lose: () => void) => void = () => {},
) {
  let gpu = {};
  const lose = () => void (gpu = {});
  const device = {
    get gpu() {
      return gpu;
    },
    snapshot: async () => snapshot(lose),
    onRestored: () => () => {},
  } as unknown as Device;
  const told: string[] = [];
  const anew: number[] = [];
  const loop = new Loop(
    device,
    ({ kind }) => told.push(kind),
    () => {},
    (run) => anew.push(run),
  );
  loop.begin(1, course(lose), device.gpu);
  return { told, anew };
}

test("a run whose device goes at its first look is made anew: nobody has heard that it is ready", async () => {
  const { told, anew } = take((lose) => ({
    async look() {
      lose();
      throw new DeviceLostError("gone");
    },
  }));
  await expect.poll(() => anew).toEqual([1]);
  expect(told).toEqual(["lost"]);
});

test("nothing is kept of a device that goes meanwhile", async () => {
  const { told, anew } = take(
    () => ({ look: async () => 1 }),
    (lose) => lose(),
  );
  await expect.poll(() => anew).toEqual([1]);
  expect(told).toEqual(["lost"]);
});

test("a run is ready when it is kept and was looked at", async () => {
  const { told, anew } = take(() => ({ look: async () => 1 }));
  await expect.poll(() => told).toEqual(["look", "ready"]);
  expect(anew).toEqual([]);
});
