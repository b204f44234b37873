import { compile, init } from "cotangent";
import { directions } from "./directions.ts";

// npm run bench:growth [DIRECTION…]: how long graphs of growing size take to plan, and their longest pipeline to compile, in
// milliseconds of the processor. Ends with 1 where a pipeline takes more than two seconds.

const SIZES = [1, 10, 50, 100, 200];
const MOST = 2000;

const { gpu } = await init();

/** The time that each pipeline takes; they are made one after the other. */
let times: number[] = [];
const make = gpu!.createComputePipelineAsync.bind(gpu);
let last: Promise<unknown> = Promise.resolve();
gpu!.createComputePipelineAsync = (descriptor) => {
  const made = last.then(async () => {
    const start = process.cpuUsage();
    const pipeline = await make(descriptor);
    times.push(milliseconds(start));
    return pipeline;
  });
  last = made.catch(() => {});
  return made;
};

function milliseconds(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

let slow = 0;
const wanted = process.argv.slice(2);
console.log(`${"".padEnd(30)}    n  dispatches  longest text  planning  longest pipeline`);
for (const [name, grown] of Object.entries(directions)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const n of SIZES) {
    times = [];
    const { fn, args } = grown(n);
    const step = compile(fn);
    const start = process.cpuUsage();
    const { dispatches } = step.plan(...args);
    const planning = milliseconds(start);
    await Promise.all([step(...args)].flat().map((y) => y.data()));
    const longest = Math.max(0, ...times);
    if (longest > MOST) slow++;
    const text = Math.max(0, ...dispatches.map(({ wgsl }) => wgsl.length));
    console.log(
      [
        name.padEnd(30),
        String(n).padStart(4),
        String(dispatches.length).padStart(11),
        `${(text / 1000).toFixed(1)} kB`.padStart(13),
        `${planning.toFixed(0)} ms`.padStart(9),
        `${longest.toFixed(0)} ms`.padStart(17),
      ].join(" "),
    );
  }
}
console.log(
  slow === 0 ? "no pipeline takes more than 2 s" : `${slow} pipelines take more than 2 s`,
);
process.exitCode = slow === 0 ? 0 : 1;
