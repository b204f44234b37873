import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Reference } from "./model.ts";

/** What the reference is made from. */
const sources = ["src", "tests/api", "scripts/reference"];

/** The public API as `readApi` has it, which takes seconds: read once for each state of the sources. */
export async function cachedApi(root: string): Promise<Reference> {
  const hash = createHash("sha256");
  for (const folder of sources) {
    const files = await readdir(join(root, folder), { recursive: true });
    for (const file of files.filter((name) => name.endsWith(".ts")).sort())
      hash.update(file).update(await readFile(join(root, folder, file)));
  }
  const folder = join(root, "node_modules/.cache/reference");
  const path = join(folder, `${hash.digest("hex")}.json`);
  const known = await readFile(path, "utf8").catch(() => null);
  if (known) return JSON.parse(known) as Reference;
  // The compiler is loaded where there is something to read.
  const { readApi } = await import("./read.ts");
  const api = await readApi(root);
  await mkdir(folder, { recursive: true });
  await writeFile(path, JSON.stringify(api));
  return api;
}
