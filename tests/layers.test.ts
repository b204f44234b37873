import { expect, test } from "vitest";
import { cyclesIn, exportsOf, linksOf, type Sources } from "./imports.ts";

const files = import.meta.glob<string>("../src/**/*.ts", {
  query: "?raw",
  import: "default",
  eager: true,
});
const sources: Sources = Object.fromEntries(
  Object.entries(files).map(([path, text]) => [path.replace("../src/", ""), text]),
);

/** What each folder may import besides itself; files at the root of src/ may import all. */
const below: Record<string, string[]> = {
  base: [],
  graph: ["base/"],
  ops: ["base/", "graph/"],
  autodiff: ["base/", "graph/", "ops/"],
  random: ["base/", "graph/", "ops/"],
  plan: ["base/", "graph/"],
  "backends/webgpu": ["base/", "graph/", "plan/"],
  "backends/cpu": ["base/", "graph/"],
  inspect: ["base/", "graph/", "backends/cpu/"],
  compile: ["base/", "graph/", "ops/", "inspect/"],
  check: [
    "base/",
    "graph/",
    "ops/",
    "autodiff/",
    "random/",
    "plan/",
    "backends/",
    "inspect/",
    "compile/",
  ],
};
/** These may also import the names that index.ts exports, from the files that define them. */
const clients = ["nn", "optim", "data", "io"];
for (const folder of clients) below[folder] = ["base/", "graph/trace.ts"];
// What is drawn on the host, or a part at a time, is drawn with what the namespace `random` does not offer.
for (const folder of ["nn", "data"]) below[folder].push("random/");
below.fit = [
  "base/",
  "graph/",
  "ops/",
  "random/",
  "compile/",
  "nn/",
  "optim/",
  "data/",
  "snapshot.ts",
];
// Labels are checked as the ops check them; several tensors have one norm, what optimizers know needs no checks, and they
// have an update carried out before the next.
below.nn.push("ops/index-range.ts", "ops/cross-entropy.ts");
below.optim.push("ops/norm.ts", "ops/broadcast.ts", "autodiff/gradients.ts", "graph/evaluate.ts");

const folderOf = (path: string) => /^(backends\/[^/]+|[^/]+)\//.exec(path)?.[1];

/** What breaks the rules of the layers, a line for each breach. */
function breaches(all: Sources): string[] {
  const found = cyclesIn(all).map((cycle) => `cycle: ${cycle}`);
  const offered = new Set(exportsOf("index.ts", all));
  for (const [path, source] of Object.entries(all)) {
    const folder = folderOf(path);
    if (folder && !below[folder]) found.push(`${path}: no rule for ${folder}/`);
    if (folder === "ops" && /\bGPU[A-Z]/.test(source)) found.push(`${path} mentions a GPU object`);
    if (/^(plan|backends)/.test(path) && /\bop\.name\s*[!=]==/.test(source))
      found.push(`${path} reads an op's name`);
    for (const { target, names } of linksOf(path, source)) {
      if (target.startsWith("shaders/")) continue;
      if (!(target in all)) found.push(`${path} imports ${target}, which is not in src/`);
      const allowed =
        !folder ||
        folder === folderOf(target) ||
        below[folder]?.some((place) => target.startsWith(place)) ||
        (clients.includes(folder) && target !== "index.ts" && names.every((n) => offered.has(n)));
      if (!allowed) found.push(`${path} imports ${names.join(", ")} from ${target}`);
    }
  }
  return found;
}

test("imports go down the layers, and none in a circle", () => {
  expect(breaches(sources)).toEqual([]);
});

/** Tests of what no folder of src/ has to itself. */
const ofTheWhole = ["api", "browser", "errors", "golden", "semantics"];
/** Those of other folders. */
const ofOthers = ["bench", "demo", "examples", "scripts", "shaders"];

test("tests lie in a folder of the name of one of src/, or are of the whole", () => {
  const tests = Object.keys(import.meta.glob("./*/**/*.test.ts"));
  const folders = new Set(Object.keys(sources).map((path) => path.split("/")[0]));
  const known = [...folders, ...ofTheWhole, ...ofOthers];
  const strays = tests.filter((path) => !known.includes(path.split("/")[1]));
  expect(strays).toEqual([]);
});

const sound: Sources = {
  "index.ts": `export { tanh } from "./ops/map.ts";\nexport * as nn from "./nn/linear.ts";`,
  "ops/map.ts": "export const tanh = 1;\nexport const secret = 2;",
  "autodiff/vjp.ts": "",
  "backends/webgpu/link.ts": "",
  "base/x.ts": `import type { y } from "./y.ts";`,
  "base/y.ts": `import { x } from "./x.ts";`,
  "graph/trace.ts": "",
  "nn/init.ts": `import { current } from "../graph/trace.ts";`,
  "nn/linear.ts": `import { tanh } from "../ops/map.ts";\nexport function linear() {}`,
  "io/onnx.ts": `import { linear } from "../nn/linear.ts";`,
};

test.each([
  ["graph/a.ts imports tanh from", `import { tanh } from "../ops/map.ts";`],
  ["graph/a.ts imports Op, Y from", `import type {\n  Op,\n  Y,\n} from "../ops/map.ts";`],
  ["graph/a.ts imports * from", `const load = () => import("../ops/map.ts");`],
  ["plan/a.ts imports * from", `export * from "../autodiff/vjp.ts";`],
  ["backends/cpu/a.ts imports", `import "../webgpu/link.ts";`],
  ["nn/a.ts imports secret", `import { secret } from "../ops/map.ts";`],
  ["optim/a.ts imports tanh, secret", `import { tanh, secret } from "../ops/map.ts";`],
  ["base/a.ts imports webgpu, which is not in src/", `import { create } from "webgpu";`],
  ["base/x.ts → base/y.ts", `import { type z, y } from "./y.ts";`],
  ["utils/a.ts: no rule for utils/", ""],
  ["ops/a.ts mentions a GPU object", "let device: GPUDevice;"],
  ["plan/a.ts reads an op's name", `if (node.op.name === "tanh") return;`],
])("a planted breach is found: %s", (message, text) => {
  const path = /\S+\.ts/.exec(message)?.[0] ?? "";
  expect(breaches(sound)).toEqual([]);
  expect(breaches({ ...sound, [path]: text }).join("\n")).toContain(message);
});
