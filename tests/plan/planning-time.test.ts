import { expect, test } from "vitest";
import { CpuBackend } from "../../src/backends/cpu/cpu-backend.ts";
import { currentBackend, setCurrentBackend } from "../../src/graph/backend.ts";
import type { Program } from "../../src/graph/program.ts";
import { compile, nn, optim, tensor, type Tensor } from "../../src/index.ts";
import { watchPasses } from "../../src/plan/passes.ts";
import { planProgram } from "../../src/plan/plan.ts";
import { catchPrograms, LIMITS } from "./plan-of.ts";

catchPrograms();

/** The reference as a device that times the passes. */
class TimingBackend extends CpuBackend {
  microseconds = 0;

  override prepare(program: Program) {
    const watcher = watchPasses(null);
    const start = process.cpuUsage().user;
    planProgram(program, LIMITS);
    this.microseconds = process.cpuUsage().user - start;
    watchPasses(watcher);
    return super.prepare(program);
  }
}

/** How long the passes take over a training step of a deep net. */
function timeOf(layers: number): number {
  const backend = new TimingBackend("float64");
  const outer = currentBackend();
  setCurrentBackend(backend);
  const hidden = Array.from({ length: layers }, () => nn.linear(4, 4));
  const model = nn.sequential(...hidden.flatMap((layer) => [layer, nn.relu()]));
  const optimizer = optim.adam(model.parameters());
  const step = compile((x: Tensor) => {
    const loss = model.forward(x).square().mean();
    optimizer.minimize(loss);
    return loss;
  });
  step.plan(tensor(new Float32Array(8), [2, 4]));
  setCurrentBackend(outer);
  return backend.microseconds;
}

test("a net eight times as deep takes not much more than eight times as long to plan", () => {
  timeOf(20);
  expect(timeOf(160) / timeOf(20)).toBeLessThan(40);
}, 120_000);
