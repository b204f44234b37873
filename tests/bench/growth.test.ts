import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { directions } from "../../bench/directions.ts";
import { compile, init } from "../../src/index.ts";

/** A kernel of this length is compiled in less than two seconds (npm run bench:growth). */
const LONGEST_TEXT = 70_000;

beforeAll(async () => {
  const { gpu } = await init();
  // Nothing is run, so nothing has to be compiled.
  vi.spyOn(gpu!, "createComputePipelineAsync").mockReturnValue(new Promise(() => {}));
});

afterAll(() => {
  vi.restoreAllMocks();
});

test.each(Object.keys(directions))("no kernel grows without end: %s", (direction) => {
  const { fn, args } = directions[direction](200);
  const { dispatches } = compile(fn).plan(...args);
  expect(Math.max(...dispatches.map(({ wgsl }) => wgsl.length))).toBeLessThan(LONGEST_TEXT);
});
