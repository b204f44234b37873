import { requireBrowser } from "../../scripts/browser.ts";

/** Fetches a browser, where there is none, before Vitest's clocks run. */
export default async function setup(): Promise<void> {
  await requireBrowser();
}
