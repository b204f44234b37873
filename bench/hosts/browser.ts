import type { Browser, Page } from "puppeteer";
import { preview } from "vite";
import { launch } from "../../scripts/browser.ts";
import { buildPage, headers, output } from "../build.ts";
import type { Effort, Row } from "../measure/measure.ts";
import type * as Session from "../session.ts";
import type { Host } from "./host.ts";

/** Set by page.ts. */
declare const session: typeof Session;

/** What is run in a page beside the GPU's gets a part of the effort: it is there for reference. */
const forReference = ({ rounds, run, row }: Effort): Effort => ({
  rounds: Math.min(rounds, 2),
  run: run / 2,
  row,
});

const addressesOf = (files: Record<string, string>) =>
  Object.fromEntries(Object.entries(files).map(([name, file]) => [name, `/${file}`]));

async function openPage(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") console.error(message.text());
  });
  await page.goto(url);
  await page.waitForFunction("globalThis.session");
  return page;
}

// A workload is one call into the page, and a slow one takes minutes.
const start = () => launch({ protocolTimeout: 900_000 });

/** Headless Chromium, on pages that are served as they were built. */
export async function browserHost(): Promise<Host> {
  await buildPage();
  const server = await preview({
    root: output,
    configFile: false,
    logLevel: "error",
    build: { outDir: "." },
    preview: { port: 0, headers },
  });
  const browser = await start();
  const origin = server.resolvedUrls?.local[0].replace(/\/$/, "") ?? "";
  const url = `${origin}/page/index.html`;
  const page = await openPage(browser, url);
  /** Peers keep their backend in globals, so those in WebAssembly have a page of their own. */
  let wasmPage: Page | null = null;
  const runIn = (page: Page, ...call: Parameters<Host["run"]>): Promise<Row[]> =>
    page.evaluate((...call: Parameters<Host["run"]>) => session.run(...call), ...call);
  return {
    name: await browser.version(),
    open: async (libraries, wasm, reference) => {
      const openIn = (page: Page, ...call: Parameters<typeof Session.open>) =>
        page.evaluate((...call: Parameters<typeof Session.open>) => session.open(...call), ...call);
      if (Object.keys(wasm).length > 0) {
        wasmPage = await openPage(browser, url);
        await openIn(wasmPage, addressesOf(wasm), `/${reference}`, "wasm");
      }
      await page.bringToFront();
      return (await openIn(page, addressesOf(libraries), `/${reference}`, "gpu"))!;
    },
    run: async (workload, modes, effort) => {
      const rows = await runIn(page, workload, modes, effort);
      const others = wasmPage ? await runIn(wasmPage, workload, modes, forReference(effort)) : [];
      others.forEach(({ results }, i) => Object.assign(rows[i].results, results));
      return rows;
    },
    firstLoss: (network) => page.evaluate((network) => session.firstLoss(network), network),
    firstStep: async (file, network, pipelines = false) => {
      // A browser of its own has compiled nothing yet.
      const fresh = await start();
      try {
        const page = await openPage(fresh, url);
        const step = await page.evaluate(
          (...call: Parameters<typeof Session.firstStep>) => session.firstStep(...call),
          `/${file}`,
          network,
        );
        const fetched = await page.evaluate(() =>
          performance.getEntriesByType("resource").map((entry) => new URL(entry.name).pathname),
        );
        const compilations = pipelines ? await page.evaluate(() => session.compilations()) : [];
        const folder = file.slice(0, file.lastIndexOf("/"));
        const files = fetched.filter((path) => path.startsWith(`/${folder}/`));
        return { ...step, files, compilations };
      } finally {
        await fresh.close();
      }
    },
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}
