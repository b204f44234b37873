import { compile, init } from "cotangent";
import { loadFunctions } from "../src/backends/webgpu/kernels/functions.ts";
import { directions } from "./directions.ts";
import { compileTime, processorTime } from "./measure/isolated.ts";

// npm run bench:growth [DIRECTION…]: how long graphs of growing size take to plan, and their longest pipeline to compile, in
// milliseconds of the processor. Each pipeline is compiled, and run once, by itself: some drivers compile at first use. Ends
// with 1 where one of the two takes more than two seconds, or grows faster than the graph.

const SIZES = [1, 10, 50, 100, 200];
const MOST = 2000;
/** How much faster than the graph something may grow, and milliseconds that are noise. */
const [STEEPEST, NOISE] = [1.25, 100];

const { gpu } = await init();
const device = gpu!;
// Plans show whole shaders once the rarer functions are there.
await loadFunctions("sinf()");

/** Where an error of the bench itself would show: a shader that does not fit its buffers. */
device.addEventListener("uncapturederror", ({ error }) => {
  throw new Error(error.message);
});

/** Times of shaders that have been compiled; the same text would be found again. */
const known = new Map<string, number>();
/** How often something is done, of which the least time counts: what else the machine does only adds. */
const TIMES = 3;
/** Milliseconds from which on a shader is compiled again: more than noise. */
const LONG = NOISE;

async function timeOf(wgsl: string): Promise<number> {
  let least = known.get(wgsl) ?? (await compileTime(device, wgsl));
  if (!known.has(wgsl) && least > LONG) {
    for (let i = 1; i < TIMES; i++) {
      least = Math.min(least, await compileTime(device, `${wgsl}\n// ${i}`));
    }
  }
  known.set(wgsl, least);
  return least;
}

let missed = 0;
const check = (holds: boolean, word: string) => {
  if (!holds) missed++;
  return holds ? "" : `  ${word}`;
};

interface Found {
  n: number;
  planning: number;
  longest: number;
}

/** What is said of two times where one of them is too long, or has grown faster than the graph. */
function judged(found: Found, last: Found | null): string {
  return (["planning", "longest"] as const)
    .map((what) => {
      const slow = check(found[what] <= MOST, "SLOW");
      if (!last) return slow;
      const linear = (last[what] * found.n) / last.n;
      return slow + check(found[what] <= STEEPEST * linear + NOISE, "STEEP");
    })
    .join("");
}

const wanted = process.argv.slice(2);
console.log(`${"".padEnd(30)}    n  dispatches  longest text  planning  longest pipeline`);
for (const [name, grown] of Object.entries(directions)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  let last: Found | null = null;
  for (const n of SIZES) {
    const { fn, args } = grown(n);
    let texts: string[] = [];
    let planning = Infinity;
    for (let i = 0; i < TIMES; i++) {
      const step = compile(fn);
      const time = await processorTime(() => {
        texts = step.plan(...args).dispatches.map(({ wgsl }) => wgsl);
      });
      planning = Math.min(planning, time);
    }
    let longest = 0;
    for (const wgsl of new Set(texts)) longest = Math.max(longest, await timeOf(wgsl));
    const text = Math.max(0, ...texts.map((wgsl) => wgsl.length));
    const found = { n, planning, longest };
    console.log(
      [
        name.padEnd(30),
        String(n).padStart(4),
        String(texts.length).padStart(11),
        `${(text / 1000).toFixed(1)} kB`.padStart(13),
        `${planning.toFixed(0)} ms`.padStart(9),
        `${longest.toFixed(0)} ms`.padStart(17),
      ].join(" ") + judged(found, last),
    );
    last = found;
  }
}
console.log(
  `targets: two seconds for planning and for each pipeline, and no faster growth than the graph's; ${missed} missed`,
);
process.exitCode = missed === 0 ? 0 : 1;
