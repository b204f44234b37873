import type { Browser } from "puppeteer";
import { preview } from "vite";

/**
 * Opens a page and trains in it by `globalThis.train`, once on each backend. An error where something does not load or
 * throws.
 */
export async function trainAt(browser: Browser, url: string): Promise<[unknown, unknown]> {
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("requestfailed", (request) => errors.push(`failed: ${request.url()}`));
  try {
    await page.goto(url);
    await page.waitForFunction("globalThis.train", { timeout: 30_000 }).catch((cause: unknown) => {
      throw new Error(`the page did not load: ${errors.join("; ")}`, { cause });
    });
    const onGpu = await page.evaluate(`train("webgpu")`);
    const onCpu = await page.evaluate(`train("cpu")`);
    if (errors.length > 0) throw new Error(errors.join("; "));
    return [onGpu, onCpu];
  } finally {
    await page.close();
  }
}

/** The same for a page of a folder, served as it lies there. */
export async function trainInPage(
  browser: Browser,
  root: string,
  outDir: string,
  file: string,
): Promise<[unknown, unknown]> {
  const server = await preview({
    root,
    configFile: false,
    logLevel: "error",
    build: { outDir },
    preview: { port: 0 },
  });
  try {
    return await trainAt(browser, `${server.resolvedUrls?.local[0]}${file}`);
  } finally {
    await server.close();
  }
}
