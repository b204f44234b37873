import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildChild, output } from "../build.ts";
import type { AdapterName } from "../measure/devices.ts";
import type { Row } from "../measure/measure.ts";
import type { FirstStep } from "../session.ts";
import type { Answer, Call } from "./child.ts";
import type { Host } from "./host.ts";

const address = (library: string, part: string) =>
  pathToFileURL(join(output, library, part, `${part}.js`)).href;

async function call<T>(child: ChildProcess, name: Call["name"], ...args: unknown[]): Promise<T> {
  child.send({ name, args } satisfies Call);
  const [answer] = (await Promise.race([
    once(child, "message"),
    once(child, "exit").then(([code]) => [{ error: `Node ended with ${code}` }]),
  ])) as [Answer];
  if ("error" in answer) throw new Error(answer.error);
  return answer.result as T;
}

/** Node on Dawn, in processes that run what was built. */
export async function nodeHost(): Promise<Host> {
  await buildChild();
  const start = () => fork(join(output, "child/child.js"), { execArgv: [] });
  const child = start();
  return {
    name: `Node ${process.version} on Dawn`,
    open: (libraries) =>
      call<AdapterName>(
        child,
        "open",
        Object.fromEntries(libraries.map((name) => [name, address(name, "library")])),
      ),
    run: (...args) => call<Row[]>(child, "run", ...args),
    firstStep: async (library) => {
      const fresh = start();
      try {
        const result = await call<FirstStep>(fresh, "firstStep", address(library, "train"));
        const names = await readdir(join(output, library, "train"), { recursive: true });
        const files = names.filter((name) => name.endsWith(".js"));
        return { ...result, files: files.map((name) => `/${library}/train/${name}`) };
      } finally {
        fresh.kill();
      }
    },
    close: async () => {
      child.kill();
      await once(child, "exit");
    },
  };
}
