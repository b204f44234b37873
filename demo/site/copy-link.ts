import { notify } from "./notices.ts";

/** Copies a link and says so; where no page may copy, the link is shown. */
export async function copyLink(href: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(href);
    notify("The link is copied: it brings back what is set here.");
  } catch {
    notify(`Here is the link: ${href}`);
  }
}
