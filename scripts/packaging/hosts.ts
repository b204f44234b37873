import type { Browser } from "puppeteer";
import { NotRun, spec, type App } from "./app.ts";
import { esbuild, parcel, rollup, rspack, vite, webpack } from "./bundlers.ts";
import { next } from "./next.ts";
import { typescript } from "./typescript.ts";
import { compilers, versions } from "./versions.ts";

/** Something that the package is used with. */
export interface Host {
  name: string;
  /** What is installed beside the package. */
  packages: string[];
  /** Throws where the package does not do; may tell something about it. */
  check(app: App, browser: Browser): Promise<string | void>;
}

const host = (
  title: string,
  names: [keyof typeof versions, ...(keyof typeof versions)[]],
  check: Host["check"],
): Host => ({ name: `${title} ${versions[names[0]]}`, packages: names.map(spec), check });

/** Runs the program as it is, on the reference: where there is no Dawn, there need not be a GPU. */
const runTime =
  (...command: string[]): Host["check"] =>
  async (app) => {
    await app.run(command[0], ["--version"]).catch((cause: unknown) => {
      throw new NotRun("its npm package brings no binary here", { cause });
    });
    await app.train("cpu", [...command, "node.js"]);
  };

const react = ["next", "react", "react-dom"] as const;

export const hosts: Host[] = [
  {
    name: `Node ${process.versions.node}`,
    packages: [],
    async check(app) {
      for (const backend of ["cpu", "webgpu"] as const) await app.train(backend);
    },
  },
  host("Deno", ["deno"], async (app, browser) => {
    await runTime("deno", "run", "--allow-all")(app, browser);
    await app.run("deno", ["check", "types.ts"]);
  }),
  host("Bun", ["bun"], runTime("bun")),
  host("Vite", ["vite"], vite),
  host("esbuild", ["esbuild"], esbuild),
  host("Rollup", ["rollup", "@rollup/plugin-node-resolve"], rollup),
  host("webpack", ["webpack"], webpack),
  host("Rspack", ["@rspack/core"], rspack),
  host("Parcel", ["parcel"], parcel),
  host("Next.js with Turbopack", [...react], next("--turbopack")),
  host("Next.js with webpack", [...react], next("--webpack")),
  ...compilers.map((version) => ({
    name: `TypeScript ${version}`,
    packages: [`typescript@${version}`],
    check: typescript(version),
  })),
];
