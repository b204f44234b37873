import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Plugin } from "vite";
import manifest from "../package.json" with { type: "json" };

const root = join(import.meta.dirname, "..");

/**
 * Writes `nn/package.json` and its like for the subpaths of the package: Parcel and TypeScript's node10 resolution read
 * no `exports`, but look into a folder of this name.
 */
export const stubs = (): Plugin => ({
  name: "stubs",
  apply: "build",
  async writeBundle() {
    for (const [subpath, target] of Object.entries(manifest.exports)) {
      if (subpath === "." || typeof target === "string") continue;
      const folder = join(root, subpath);
      // From a folder deeper.
      const stub = { type: "module", main: `.${target.default}`, types: `.${target.types}` };
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, "package.json"), `${JSON.stringify(stub, null, 2)}\n`);
    }
  },
});
