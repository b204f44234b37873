import type { ComponentChild } from "preact";
import type { Phase, Run } from "./run.ts";
import type { Fields } from "./settings.ts";

const labels = {
  training: "Pause",
  finished: "Train more",
  paused: "Resume",
  ready: "Start",
  failed: "Stopped",
  opening: "Preparing",
  preparing: "Preparing",
} satisfies Record<Phase, string>;

interface Gauge {
  name: string;
  value: string;
}

/** Numbers of a run, each with its name. */
export const Gauges = ({ gauges }: { gauges: readonly Gauge[] }): ComponentChild => (
  <dl class="gauges">
    {gauges.map(({ name, value }) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);

interface TransportProps<F extends Fields> {
  run: Run<F>;
  gauges: readonly Gauge[];
  /** Whether one step can be made at a time. */
  hasSteps?: boolean;
}

/** Start and pause, begin anew, and the numbers of the run; everything keeps its place whatever it says. */
export function Transport<F extends Fields>({
  run,
  gauges,
  hasSteps = false,
}: TransportProps<F>): ComponentChild {
  const phase = run.phase.value;
  const isWaiting = phase === "opening" || phase === "preparing" || phase === "failed";
  const { done = 0, total = 0 } = run.prepared.value ?? {};
  return (
    <>
      <button
        type="button"
        class="primary"
        data-longest={labels.finished}
        disabled={isWaiting}
        onClick={() => run.toggle()}
      >
        <span>{labels[phase]}</span>
      </button>
      {hasSteps && (
        <button
          type="button"
          disabled={isWaiting || phase === "finished"}
          onClick={() => run.advance(1)}
        >
          One step
        </button>
      )}
      <button type="button" disabled={phase === "opening"} onClick={() => run.reset()}>
        Begin anew
      </button>
      <Gauges gauges={gauges} />
      <progress
        max={1}
        value={
          phase === "preparing"
            ? done / Math.max(1, total)
            : run.goal.value && run.step.value / run.goal.value
        }
        aria-label={phase === "preparing" ? "Preparing" : "Progress of the training"}
      />
    </>
  );
}
