import { defineBrowserProvider } from "@vitest/browser";
import type { Browser, Page } from "puppeteer";
import type { BrowserProvider, BrowserProviderOption } from "vitest/node";

type Session = Awaited<ReturnType<NonNullable<BrowserProvider["getCDPSession"]>>>;

/** Vitest's browser mode on Puppeteer: the same launcher and flags as the page tests and benchmarks. */
class PuppeteerProvider implements BrowserProvider {
  readonly name = "puppeteer";
  readonly supportsParallelism = false;
  #browser: Promise<Browser> | undefined;
  readonly #pages = new Map<string, Page>();

  getCommandsContext(sessionId: string): Record<string, unknown> {
    return { page: this.#pages.get(sessionId) };
  }

  async openPage(sessionId: string, url: string): Promise<void> {
    // Imported late: this file is part of the Vite configuration, which builds load too.
    this.#browser ??= import("./browser.ts").then(({ launch }) => launch());
    const page = await (await this.#browser).newPage();
    this.#pages.set(sessionId, page);
    page.on("pageerror", (error) => console.error("page:", error));
    await page.goto(url, { timeout: 0 });
  }

  async getCDPSession(sessionId: string): Promise<Session> {
    const page = this.#pages.get(sessionId);
    if (!page) throw new Error(`no page for session ${sessionId}`);
    return page.createCDPSession();
  }

  async close(): Promise<void> {
    // A browser that did not start was reported by openPage.
    await this.#browser?.then(
      (browser) => browser.close(),
      () => undefined,
    );
  }
}

/** The provider for `test.browser.provider`. */
export const puppeteerProvider = (): BrowserProviderOption =>
  defineBrowserProvider({ name: "puppeteer", providerFactory: () => new PuppeteerProvider() });
