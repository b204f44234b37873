import { defineCommand, runMain } from "citty";
import { init } from "cotangent";
import { functions } from "./functions/functions.ts";
import { patterns, sweep, type Finding } from "./functions/sweep.ts";
import { LEGEND, table } from "./functions/table.ts";

const command = defineCommand({
  meta: {
    name: "npm run check:functions --",
    description: "Compares functions and their gradients with float64 over all of float32",
  },
  args: {
    count: { type: "string", default: "1000000", description: "Bit patterns for each function" },
    only: { type: "string", description: "Functions whose names contain this" },
  },
  async run({ args }) {
    const device = await init();
    const { vendor, architecture } = device.info;
    const xs = patterns(Number(args.count));
    console.log(`${vendor} ${architecture}: ${xs.length} float32 numbers of all sizes\n`);
    const findings: Finding[] = [];
    for (const f of functions) {
      if (f.name.includes(args.only ?? "")) findings.push(...(await sweep(f, xs)));
    }
    console.log(`${table(findings)}\n\n${LEGEND}`);
    for (const { name, wrong } of findings) {
      for (const line of wrong.slice(0, 5)) console.log(`WRONG ${name}: ${line}`);
    }
    if (findings.some(({ wrong }) => wrong.length > 0)) process.exitCode = 1;
    device.dispose();
  },
});

await runMain(command);
