import { compile, init, tensor, type Tensor } from "cotangent";
import { expect, test } from "vitest";
import { globals } from "webgpu";
import { compileAgain, recordPipelines } from "../../bench/measure/pipelines.ts";

test("the pipelines of a call are compiled once more, by their names", async () => {
  Object.assign(globalThis, globals);
  recordPipelines();
  await init();
  const f = compile((x: Tensor) => x.add(1).exp());
  await f(tensor([1, 2, 3])).data();
  const found = await compileAgain();
  expect(found.map(({ name }) => name)).toContain("add exp");
  for (const { milliseconds } of found) expect(milliseconds).toBeGreaterThan(0);
});
