import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { defineCommand, runMain } from "citty";
import type { Browser } from "puppeteer";
import { launch } from "./browser.ts";
import { App, NotRun } from "./packaging/app.ts";
import { hosts, type Host } from "./packaging/hosts.ts";

interface Outcome {
  verdict: "pass" | "FAIL" | "not run";
  note: string;
}

const [NAME, VERDICT] = [32, 8];

/** Packs the package as it would be published; the path of the file. */
async function pack(folder: string): Promise<string> {
  const { stdout } = await promisify(execFile)("npm", [
    "pack",
    "--json",
    "--pack-destination",
    folder,
  ]);
  const [{ filename }] = JSON.parse(stdout) as { filename: string }[];
  return join(folder, filename);
}

async function outcomeOf(host: Host, folder: string, tarball: string, browser: Browser) {
  try {
    const app = await App.make(folder, tarball, host.packages);
    return { verdict: "pass", note: (await host.check(app, browser)) ?? "" } satisfies Outcome;
  } catch (error) {
    const verdict = error instanceof NotRun ? "not run" : "FAIL";
    return { verdict, note: error instanceof Error ? error.message : String(error) } as Outcome;
  }
}

const command = defineCommand({
  meta: {
    name: "npm run check:packaging --",
    description: "Uses the packed package in every bundler, run time and compiler, one at a time",
  },
  args: {
    only: { type: "string", description: "Only the hosts whose names begin so, as in next" },
    keep: { type: "boolean", description: "Leaves the applications where they were built" },
  },
  async run({ args }) {
    const wanted = (args.only ?? "").toLowerCase();
    const chosen = hosts.filter(({ name }) => name.toLowerCase().startsWith(wanted));
    const folder = await mkdtemp(join(tmpdir(), "cotangent-packaging-"));
    const browser = await launch();
    const outcomes: Outcome[] = [];
    try {
      const tarball = await pack(folder);
      for (const [i, host] of chosen.entries()) {
        const outcome = await outcomeOf(host, join(folder, String(i)), tarball, browser);
        outcomes.push(outcome);
        const { verdict, note } = outcome;
        const indented = note.replaceAll("\n", `\n${" ".repeat(NAME + VERDICT)}`);
        console.log(`${host.name.padEnd(NAME)}${verdict.padEnd(VERDICT)}${indented}`.trimEnd());
        if (!args.keep) await rm(join(folder, String(i)), { recursive: true, force: true });
      }
    } finally {
      await browser.close();
      if (args.keep) console.log(`The applications are in ${folder}`);
      else await rm(folder, { recursive: true, force: true });
    }
    const count = (kind: string) => outcomes.filter(({ verdict }) => verdict === kind).length;
    console.log(`${count("pass")} pass, ${count("FAIL")} fail, ${count("not run")} not run`);
    if (count("FAIL") > 0) process.exitCode = 1;
  },
});

await runMain(command);
