import {
  bitsBounds,
  derivativeBounds,
  hessianBounds,
  kinkBounds,
  opBounds,
  specialBounds,
  trajectoryBounds,
  type BoundFor,
} from "./bounds.ts";
import type { Case } from "./format.ts";
import { bitsRun, derivativeRun, opRun, specialRun } from "./op-runs.ts";
import { clipRun, optimizerRun, scheduleRun } from "./optim-runs.ts";
import { ruleOf } from "./registry.ts";
import type { Run } from "./rules/rule.ts";
import { formulaRun, hessianRun, netRun, traceRun } from "./second-order.ts";
import { trajectoryRun } from "./train-runs.ts";
import type { Backend } from "./tolerance.ts";

/** How to compute what a case stores, and how close it has to be. */
export interface Check {
  run: Run;
  /** The parts that hold what is right. */
  parts: string[];
  bounds: BoundFor;
}

/** How a case is checked; null where the library does not have what it needs. */
export function checkOf(c: Case, backend: Backend): Check | null {
  const tagged = (tag: string) => c.tags.includes(tag);
  const outputs = (run: Run | null): Check | null =>
    run && { run, parts: ["out64"], bounds: opBounds(c, backend) };
  if (tagged("trajectory")) {
    const run = trajectoryRun(c);
    return run && { run, parts: ["out64", "snap64"], bounds: trajectoryBounds(c, backend) };
  }
  if (tagged("optimizer")) return outputs(optimizerRun(c));
  if (tagged("schedule")) return outputs(scheduleRun(c));
  if (tagged("clip")) return outputs(clipRun(c));
  if (tagged("trace")) return outputs(traceRun);
  if (c.op === "scalar_derivatives") return outputs(formulaRun(c));
  const rule = ruleOf(c);
  if (c.tensors.has("out64.hess")) {
    const run = rule ? hessianRun(c, rule) : c.op === "mlp_second_order" ? netRun(c) : null;
    return run && { run, parts: ["out64"], bounds: hessianBounds(c, backend) };
  }
  if (!rule) return null;
  if (tagged("bits")) {
    return { run: bitsRun(c, rule), parts: ["out"], bounds: bitsBounds(c, backend) };
  }
  if (tagged("special")) {
    return { run: specialRun(c, rule), parts: ["out32"], bounds: specialBounds(c, backend) };
  }
  if (c.tensors.has("out64.d1")) {
    const bounds = tagged("kink") ? kinkBounds : derivativeBounds(c, backend);
    return { run: derivativeRun(c, rule), parts: ["out64"], bounds };
  }
  const parts = ["out64", "jvp64", "gin64", "gg64"];
  return { run: opRun(c, rule), parts, bounds: opBounds(c, backend) };
}
