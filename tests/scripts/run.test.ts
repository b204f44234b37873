import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, ["scripts/run.mjs", "tests/scripts/program.ts", ...args]);

test("runs TypeScript that imports a shader, and hands it the arguments", async () => {
  const { stdout } = await run("a", "--b");
  expect(JSON.parse(stdout)).toEqual({ args: ["a", "--b"], lines: 1 });
});

test("a program that throws gives a failing exit status and its message", async () => {
  await expect(run("fail")).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining("asked to fail"),
  });
});
