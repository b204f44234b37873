import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { runCommand } from "citty";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { trainCommand } from "../../demo/recipes/command.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cotangent-train-"));
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => rm(folder, { recursive: true, force: true }));

const recipe = ["--recipe", "softmax-sgd"];

/** What `npm run train` prints, as a process of its own. */
async function train(...args: string[]): Promise<string[]> {
  const all = ["scripts/run.mjs", "demo/train.ts", ...recipe, ...args];
  const { stdout } = await promisify(execFile)(process.execPath, all, { timeout: 120_000 });
  return stdout.trim().split("\n");
}

/** What it prints when it runs in this process, which is quicker. */
async function trainHere(...args: string[]): Promise<string[]> {
  const printed: string[] = [];
  const collect = (text: unknown) => printed.push(...String(text).trim().split("\n")) > 0;
  vi.spyOn(console, "log").mockImplementation(collect);
  vi.spyOn(process.stdout, "write").mockImplementation(collect);
  await runCommand(trainCommand, { rawArgs: [...recipe, ...args] });
  vi.restoreAllMocks();
  return printed;
}

const epochLines = (lines: string[]) =>
  lines.filter((line) => line.startsWith("epoch")).map((line) => line.replace(/\d+ steps.*/, ""));

test.each([
  // A process that has no part in how the file came about goes on from it.
  ["webgpu", train],
  ["cpu", trainHere],
])(
  "on %s it goes on from a file as if it had not stopped",
  { timeout: 300_000 },
  async (backend, goOn) => {
    const on = ["--seed", "3", "--backend", backend];
    const [whole, half, rest] = ["whole", "half", "rest"].map((name) => join(folder, name));
    const lines = await trainHere(...on, "--epochs", "2", "--out", whole);
    expect(lines[0]).toMatch(new RegExp(`^${backend}: .+`));
    expect(epochLines(lines)).toHaveLength(2);
    expect(lines.at(-1)).toBe(`saved ${whole}`);

    const first = await trainHere(...on, "--epochs", "1", "--out", half);
    const second = await goOn(...on, "--epochs", "1", "--resume", half, "--out", rest);
    expect([...epochLines(first), ...epochLines(second)]).toEqual(epochLines(lines));
    expect(second.at(-1)).toBe(`saved ${rest}`);
    // The reference holds its weights in float64, of which a file keeps float32.
    const same = (await readFile(rest)).equals(await readFile(whole));
    expect(same).toBe(backend === "webgpu");
  },
);

const refused: [string[], string][] = [
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
];

test.each(refused)("%j is refused in one line", async (args, complaint) => {
  const complain = vi.spyOn(console, "error").mockReturnValue();
  await trainHere(...args);
  expect(process.exitCode).toBe(1);
  process.exitCode = undefined;
  expect(complain.mock.calls).toEqual([[complaint]]);
});

test("of a process, what is refused is all that it writes, and its exit code", async () => {
  const [args, complaint] = refused[0];
  await expect(train(...args)).rejects.toMatchObject({
    code: 1,
    stdout: "",
    stderr: `${complaint}\n`,
  });
});
