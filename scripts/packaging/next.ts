import { cp } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Browser } from "puppeteer";
import { checkTrained, stop, type App } from "./app.ts";
import { trainAt } from "./page.ts";

/** Attempts to reach a server that has just been started, two in a second. */
const ATTEMPTS = 60;

/**
 * Builds and serves the application in next/: a server component that trains, a client component that trains in the page,
 * and a route handler that trains on either backend.
 */
export const next = (flag: string) => async (app: App, browser: Browser) => {
  await cp(join(import.meta.dirname, "next"), app.folder, { recursive: true });
  const output = await app.run("next", ["build", flag]);
  const problem = output.split("\n").find((line) => /critical dependency|not found|⚠/i.test(line));
  if (problem !== undefined) throw new Error(`it warns: ${problem.trim()}`);
  const port = String(await freePort());
  const server = app.start("next", ["start", "-p", port]);
  try {
    const url = `http://localhost:${port}/`;
    const html = await textOf(url);
    if (!html.includes("trained in a server component: true")) {
      throw new Error("the server component did not train");
    }
    for (const backend of ["cpu", "webgpu"]) {
      checkTrained(JSON.parse(await textOf(`${url}train/${backend}`)), backend);
    }
    const [gpu, cpu] = await trainAt(browser, url);
    checkTrained(gpu, "webgpu");
    checkTrained(cpu, "cpu");
  } finally {
    stop(server);
  }
};

async function textOf(url: string): Promise<string> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const response = await fetch(url).catch(() => null);
    if (response?.ok) return response.text();
    if (response) throw new Error(`${url}: ${response.status} ${await response.text()}`);
    await wait(500);
  }
  throw new Error(`${url} does not answer`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
