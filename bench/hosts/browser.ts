import type { Browser, Page } from "puppeteer";
import { preview } from "vite";
import { launch } from "../../scripts/browser.ts";
import { buildPage, headers, output } from "../build.ts";
import type * as Session from "../session.ts";
import type { Host } from "./host.ts";

/** Set by page.ts. */
declare const session: typeof Session;

const address = (library: string, part: string) => `/${library}/${part}/${part}.js`;

async function openPage(browser: Pick<Browser, "newPage">, url: string): Promise<Page> {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") console.error(message.text());
  });
  await page.goto(url);
  await page.waitForFunction("globalThis.session");
  return page;
}

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
  // A workload is one call into the page, and a slow one takes minutes.
  const browser = await launch({ protocolTimeout: 900_000 });
  const origin = server.resolvedUrls?.local[0].replace(/\/$/, "") ?? "";
  const url = `${origin}/page/index.html`;
  const page = await openPage(browser, url);
  return {
    name: await browser.version(),
    open: (libraries) =>
      page.evaluate(
        (addresses) => session.open(addresses),
        Object.fromEntries(libraries.map((name) => [name, address(name, "library")])),
      ),
    run: (...call) =>
      page.evaluate((...call: Parameters<Host["run"]>) => session.run(...call), ...call),
    firstStep: async (library) => {
      // A context of its own has no cache yet.
      const context = await browser.createBrowserContext();
      try {
        const page = await openPage(context, url);
        const result = await page.evaluate(
          (address) => session.firstStep(address),
          address(library, "train"),
        );
        const fetched = await page.evaluate(() =>
          performance.getEntriesByType("resource").map((entry) => new URL(entry.name).pathname),
        );
        return { ...result, files: fetched.filter((path) => path.startsWith(`/${library}/`)) };
      } finally {
        await context.close();
      }
    },
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}
