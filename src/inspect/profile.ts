import { amount } from "./explain.ts";
import type { Dispatch, Plan } from "../graph/backend.ts";

/** A plan with the time that each of its dispatches took in one run. */
export interface Profile {
  /** Each with its time. */
  dispatches: (Dispatch & { milliseconds: number })[];
  /** Of all of them. */
  milliseconds: number;
  /** "gpu": the device's timestamps; "host": the host's clock, with all that the host adds. */
  clock: "gpu" | "host";
  /**
   * The run in the Trace Event Format that Perfetto and chrome://tracing open.
   * @returns JSON
   */
  chromeTrace(): string;
  /**
   * A line for each dispatch, the longest first.
   * @returns the text
   */
  toString(): string;
}

export function profilePlan(
  plan: Plan,
  { milliseconds, clock }: { milliseconds: readonly number[]; clock: "gpu" | "host" },
): Profile {
  const dispatches = plan.dispatches.map((d, i) => ({ ...d, milliseconds: milliseconds[i] }));
  const total = milliseconds.reduce((sum, ms) => sum + ms, 0);
  return {
    dispatches,
    milliseconds: total,
    clock,
    chromeTrace: () => JSON.stringify({ traceEvents: traceEvents(dispatches) }),
    toString: () =>
      [
        ...dispatches.map(
          (d) =>
            `${d.milliseconds.toFixed(3).padStart(9)} ms ${((100 * d.milliseconds) / (total || 1)).toFixed(1).padStart(5)} %  ` +
            d.kernel +
            // What takes less than the clock's unit took 0.
            (d.milliseconds > 0 ? `  ${amount((d.flops / d.milliseconds) * 1000)}flop/s` : ""),
        ),
        `${total.toFixed(3).padStart(9)} ms in all, by the ${clock === "gpu" ? "GPU's timestamps" : "host's clock: the device has no timestamps, so this includes what the host adds"}`,
      ].join("\n"),
  };
}

/** Complete events ("X") one behind the other, in microseconds. */
function traceEvents(dispatches: readonly (Dispatch & { milliseconds: number })[]): object[] {
  let start = 0;
  return dispatches.map((d) => {
    const event = {
      name: d.kernel,
      ph: "X",
      ts: start,
      dur: d.milliseconds * 1000,
      pid: 1,
      tid: 1,
      args: { ops: d.ops, flops: d.flops, bytes: d.bytes, shapes: d.shapes },
    };
    start += event.dur;
    return event;
  });
}
