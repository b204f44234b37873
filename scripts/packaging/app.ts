import { spawn, type ChildProcess } from "node:child_process";
import { cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";
import { versions } from "./versions.ts";

/** A host that could not be had here: nothing is known about the package in it. */
export class NotRun extends Error {
  override name = "NotRun";
}

/** Seconds that a command may take: builds of Next.js take most. */
const LIMIT = 300;

const root = join(import.meta.dirname, "../..");

/** What an application starts from: the program of the tests of the built package. */
const program = join(root, "tests/browser/package");

/** An application in a folder of its own, outside of the repository, that has installed the packed package. */
export class App {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes one, with these packages beside the package; a NotRun where they cannot be installed. */
  static async make(folder: string, tarball: string, specs: readonly string[]): Promise<App> {
    await mkdir(folder);
    await cp(program, folder, { recursive: true });
    const app = new App(folder);
    await app.write("package.json", `{ "private": true, "type": "module" }`);
    const install = (...what: string[]) =>
      app.run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", ...what]);
    await install(tarball);
    try {
      if (specs.length > 0) await install(...specs);
    } catch (cause) {
      throw new NotRun((cause as Error).message, { cause });
    }
    // The optional peer is the one that the repository has.
    const peer = join(folder, "node_modules/webgpu");
    await rm(peer, { recursive: true, force: true });
    await symlink(resolve(root, "node_modules/webgpu"), peer);
    return app;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  async write(name: string, text: string): Promise<void> {
    await mkdir(join(this.folder, name, ".."), { recursive: true });
    await writeFile(this.path(name), text);
  }

  read(name: string): Promise<Buffer> {
    return readFile(this.path(name));
  }

  /** Starts a command in the folder, with its output on pipes and a group of processes of its own. */
  start(command: string, args: readonly string[]): ChildProcess {
    const bin = this.path("node_modules/.bin");
    // Vite, which runs this, sets NODE_ENV for itself.
    const { NODE_ENV: _, ...env } = process.env;
    const quiet = { NEXT_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1", NO_COLOR: "1" };
    return spawn(command, args, {
      cwd: this.folder,
      env: { ...env, ...quiet, PATH: `${bin}${delimiter}${env["PATH"]}` },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  /** What a command prints; an error with the end of that where it fails or takes too long. */
  async run(command: string, args: readonly string[]): Promise<string> {
    const child = this.start(command, args);
    let output = "";
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    }
    const problem = await new Promise<string | null>((done) => {
      const timer = setTimeout(() => {
        stop(child);
        done(`not done after ${LIMIT} s: ${endOf(output)}`);
      }, LIMIT * 1000);
      child.on("error", (error) => done(error.message));
      child.on("close", (code) => {
        clearTimeout(timer);
        done(code === 0 ? null : `exit status ${code}: ${endOf(output)}`);
      });
    });
    if (problem !== null) throw new Error(`${command} ${args[0]}: ${problem}`);
    return output;
  }

  /** Trains by `node.js` as it is, or as a bundler made it, with any run time. */
  async train(
    backend: "webgpu" | "cpu",
    command: readonly string[] = ["node", "node.js"],
  ): Promise<void> {
    const [file, ...args] = command;
    const output = await this.run(file, [...args, backend]);
    const json = output.split("\n").find((line) => line.startsWith("{"));
    checkTrained(json === undefined ? output : JSON.parse(json), backend);
  }
}

/** Ends a command and all that it started. */
export function stop({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

const endOf = (output: string) => output.trim().split("\n").slice(-12).join("\n");

/** Throws for what is not the result of a training that went well. */
export function checkTrained(result: unknown, backend: string): void {
  const { backend: used, last, fluent } = Object(result) as Record<string, unknown>;
  if (used === backend && (last as number) < 0.1 && fluent === 8) return;
  throw new Error(`the training on ${backend} gave ${JSON.stringify(result)}`);
}

/** A name that `npm install` takes, with the version tried. */
export const spec = (name: keyof typeof versions) => `${name}@${versions[name]}`;
