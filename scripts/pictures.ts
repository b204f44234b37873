import { resolve } from "node:path";
import { createServer } from "vite";
import { pages, type PageInfo } from "../demo/site/pages.ts";
import { launch } from "./browser.ts";

// npm run pictures: what a link to a page of the site is shown with, as the page looks after a while.
// npm run pictures -- NAME…: that of these pages alone.

const asked = process.argv.slice(2);
const isAsked = ({ name, nav }: PageInfo) => nav && (asked.length === 0 || asked.includes(name));

/** What is set on a page that shows little as it begins. */
const links: Readonly<Record<string, string>> = { derivatives: "#by=2&step=14" };

const server = await createServer({
  configFile: resolve("demo/vite.config.ts"),
  logLevel: "error",
});
await server.listen(0);
const browser = await launch();
for (const { name } of pages.filter(isAsked)) {
  const page = await browser.newPage();
  await page.setViewport({ width: 1200, height: 630 });
  await page.goto(`${server.resolvedUrls?.local[0]}${name}.html${links[name] ?? ""}`);
  await new Promise((done) => setTimeout(done, 15_000));
  // The digits are shown with one that is read.
  if (name === "digits") await page.click("#borrow");
  await new Promise((done) => setTimeout(done, 3000));
  await page.screenshot({ path: `demo/public/share/${name}.png` });
  await page.close();
}
await browser.close();
await server.close();
