import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const run = promisify(execFile);

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cotangent-train-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** What `npm run train` prints. */
async function train(...args: string[]): Promise<string[]> {
  const all = ["scripts/run.mjs", "demo/train.ts", "--recipe", "softmax-sgd", ...args];
  const { stdout } = await run(process.execPath, all, { timeout: 120_000 });
  return stdout.trim().split("\n");
}

const epochLines = (lines: string[]) =>
  lines.filter((line) => line.startsWith("epoch")).map((line) => line.replace(/\d+ steps.*/, ""));

describe.each(["webgpu", "cpu"])("npm run train on %s", (backend) => {
  test("goes on from a file as if it had not stopped", { timeout: 300_000 }, async () => {
    const on = ["--seed", "3", "--backend", backend];
    const [whole, half, rest] = ["whole", "half", "rest"].map((name) => join(folder, name));
    const lines = await train(...on, "--epochs", "2", "--out", whole);
    expect(lines[0]).toMatch(new RegExp(`^${backend}: .+`));
    expect(epochLines(lines)).toHaveLength(2);
    expect(lines.at(-1)).toBe(`saved ${whole}`);

    const first = await train(...on, "--epochs", "1", "--out", half);
    const second = await train(...on, "--epochs", "1", "--resume", half, "--out", rest);
    expect([...epochLines(first), ...epochLines(second)]).toEqual(epochLines(lines));
    // The reference holds its weights in float64, of which a file keeps float32.
    const same = (await readFile(rest)).equals(await readFile(whole));
    expect(same).toBe(backend === "webgpu");
  });
});

test.each([
  [["--epochs", "none"], '--epochs: expected a whole number ≥ 1, got "none"'],
  [["--epoch", "1"], "--epoch: no such option; --help lists them"],
  [["1"], "1: no such option; --help lists them"],
  ...["--epochs", "--seed", "--out", "--resume"].map((option): [string[], string] => [
    ["--bands", option, "1"],
    `${option}: not with --bands, which trains all recipes its own way`,
  ]),
  [["--bands"], "--recipe: not with --bands, which trains all recipes its own way"],
  [["--out", "demo"], "EISDIR: illegal operation on a directory, open 'demo'"],
  [
    ["--resume", "nowhere", "--backend", "cpu"],
    "ENOENT: no such file or directory, open 'nowhere'",
  ],
])("%j is refused in one line", async (args, complaint) => {
  await expect(train(...args)).rejects.toMatchObject({ code: 1, stderr: `${complaint}\n` });
});
