import { defineCommand, runMain } from "citty";
import { init } from "cotangent";
import { groupsIn, readGroup } from "./goldens/format.ts";
import { GroupReport } from "./goldens/report.ts";
import { runCase } from "./goldens/run.ts";

const command = defineCommand({
  meta: {
    name: "npm run goldens --",
    description: "Compares the library with a folder of reference results",
  },
  args: {
    folder: { type: "positional", description: "GROUP.json and GROUP.safetensors", required: true },
    backend: { type: "enum", options: ["webgpu", "cpu"], default: "webgpu" },
    group: { type: "string", description: "Only this group" },
    case: { type: "string", description: "Only the case of this id" },
  },
  async run({ args }) {
    const backend = args.backend === "cpu" ? "cpu" : "webgpu";
    const device = await init({ backend });
    const { vendor, architecture } = device.info;
    console.log(`${backend}: ${vendor} ${architecture}`);
    const total = new GroupReport("all");
    for (const group of await groupsIn(args.folder)) {
      if (args.group !== undefined && args.group !== group) continue;
      const report = new GroupReport(group);
      const cases = await readGroup(args.folder, group).catch((error: unknown) => {
        console.log(total.addUnreadable(group, error));
        return null;
      });
      if (!cases) continue;
      for (const c of cases) {
        if (args.case !== undefined && args.case !== c.id) continue;
        const outcome = await runCase(c, backend);
        for (const line of report.add(c, outcome)) console.log(line);
        total.add(c, outcome);
      }
      console.log(String(report));
    }
    console.log(String(total));
    if (total.counts.failed > 0) process.exitCode = 1;
    if (total.counts.passed + total.counts.failed + total.counts.unsupported === 0) {
      console.error(`no such cases in ${args.folder}`);
      process.exitCode = 1;
    }
    device.dispose();
  },
});

await runMain(command);
