import type { App } from "./app.ts";

/** How a program is compiled: how modules are found, and what is known besides the language. */
interface Setting {
  module: string;
  moduleResolution: string;
  lib: string[];
}

// A server project without the types of the DOM and of WebGPU, and a page.
const server = ["es2022"];
const page = ["es2022", "dom"];

const settings: Setting[] = [
  { module: "esnext", moduleResolution: "bundler", lib: server },
  { module: "esnext", moduleResolution: "bundler", lib: page },
  { module: "node16", moduleResolution: "node16", lib: server },
  { module: "esnext", moduleResolution: "node10", lib: server },
];

/** The first major version without node10 resolution, and the one that warns of it. */
const [GONE, DEPRECATED] = [7, 6];

/** Compiles a program that uses every entry, checking the declarations as well. */
export const typescript = (version: string) => async (app: App) => {
  const major = Number(version.split(".")[0]);
  for (const setting of settings) {
    const old = setting.moduleResolution === "node10";
    if (old && major >= GONE) continue;
    const compilerOptions = {
      ...setting,
      ...(old && major === DEPRECATED && { ignoreDeprecations: "6.0" }),
      target: "es2022",
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    };
    await app.write("tsconfig.json", JSON.stringify({ compilerOptions, files: ["types.ts"] }));
    try {
      await app.run("tsc", ["-p", "."]);
    } catch (cause) {
      const { moduleResolution, lib } = setting;
      throw new Error(`${moduleResolution} with ${lib.join(", ")}: ${(cause as Error).message}`, {
        cause,
      });
    }
  }
};
