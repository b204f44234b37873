import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildChild, output } from "../build.ts";
import type { AdapterName } from "../measure/devices.ts";
import type { Row } from "../measure/measure.ts";
import type { Compilation } from "../measure/pipelines.ts";
import type { FirstStep } from "../session.ts";
import type { Answer, Call } from "./child.ts";
import type { Host } from "./host.ts";

const address = (file: string) => pathToFileURL(join(output, file)).href;

async function call<T>(child: ChildProcess, name: Call["name"], ...args: unknown[]): Promise<T> {
  child.send({ name, args } satisfies Call);
  const [answer] = (await Promise.race([
    once(child, "message"),
    once(child, "exit").then(([code]) => [{ error: `Node ended with ${code}` }]),
  ])) as [Answer];
  if ("error" in answer) throw new Error(answer.error);
  return answer.result as T;
}

/** Node on Dawn, in processes that run what was built; the peers in WebAssembly need a page. */
export async function nodeHost(): Promise<Host> {
  await buildChild();
  const start = () => fork(join(output, "child/child.js"), { execArgv: [] });
  const child = start();
  return {
    name: `Node ${process.version} on Dawn`,
    open: (libraries, _, reference) => {
      const addresses = Object.entries(libraries).map(([name, file]) => [name, address(file)]);
      return call<AdapterName>(
        child,
        "open",
        Object.fromEntries(addresses),
        address(reference),
        "gpu",
      );
    },
    run: (...args) => call<Row[]>(child, "run", ...args),
    firstLoss: (network) => call<number>(child, "firstLoss", network),
    firstStep: async (file, network, pipelines = false) => {
      const fresh = start();
      try {
        const step = await call<FirstStep>(fresh, "firstStep", address(file), network);
        const compilations = pipelines ? await call<Compilation[]>(fresh, "compilations") : [];
        const names = await readdir(join(output, dirname(file)), { recursive: true });
        const files = names.filter((name) => name.endsWith(".js"));
        return { ...step, compilations, files: files.map((name) => join(dirname(file), name)) };
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
