import { computed, type ReadonlySignal } from "@preact/signals-core";
import { Controls } from "../site/controls.tsx";
import { byId, mount } from "../site/live.ts";
import { plot, powerOfTen, type PlotData } from "../site/plot.ts";
import type { Settings } from "../site/settings.ts";
import { numeral } from "./format.ts";
import type { Answers } from "./protocol.ts";
import type { fields } from "./settings.ts";

/** Errors of nothing lie at the bottom of a scale of magnitudes. */
const least = -17;
const magnitudes = (all: readonly number[]) =>
  all.map((v) => (Number.isFinite(v) ? Math.min(Math.max(Math.log10(v), least), 2) : null));

interface Shown {
  settings: Settings<typeof fields>;
  errors: ReadonlySignal<Answers["errors"] | null>;
  ways: ReadonlySignal<Answers["ways"]>;
}

/** Shows how far off differences and complex steps are by their ε, and the five ways side by side. */
export function showDifferences({ settings, errors, ways }: Shown): void {
  plot({
    frame: byId("errors", HTMLElement),
    table: byId("errors-table", HTMLDetailsElement),
    x: {
      label: "ε",
      range: [-15, 0],
      format: (x) => (10 ** x).toExponential(1),
      tick: (x) => powerOfTen(10 ** x),
    },
    y: {
      label: "error",
      format: (v) => (v <= least ? "0" : (10 ** v).toExponential(1)),
      tick: (v) => powerOfTen(10 ** v),
      range: () => [least, 2],
    },
    series: [
      { label: "forward differences", color: "red" },
      { label: "central differences", color: "ink" },
      { label: "complex steps", color: "text" },
    ],
    data: computed<PlotData>(() => {
      const { value } = errors;
      return value
        ? {
            xs: value.eps.map(Math.log10),
            ys: [value.forward, value.central, value.complexStep].map(magnitudes),
          }
        : {
            xs: [-15, 0],
            ys: [
              [null, null],
              [null, null],
              [null, null],
            ],
          };
    }),
    mark: computed(() => Math.log10(settings.values.epsilon)),
    onPick: (x) =>
      settings.set({ epsilon: Number((10 ** Math.min(Math.max(x, -15), 0)).toPrecision(2)) }),
    description: () =>
      "Errors of differences fall with ε down to a point and rise again; that of complex steps stays at nothing",
  });
  mount(byId("epsilon", HTMLElement), () => <Controls settings={settings} names={["epsilon"]} />);
  mount(byId("readings", HTMLElement), () => {
    const { value } = errors;
    const { epsilon } = settings.values;
    const at = value
      ? value.eps.reduce(
          (best, e, i) =>
            Math.abs(Math.log(e / epsilon)) < Math.abs(Math.log(value.eps[best] / epsilon))
              ? i
              : best,
          0,
        )
      : 0;
    const reading = (name: string, color: string, all: readonly number[] | undefined) => (
      <div>
        <dt class={color}>{name}</dt>
        <dd>{all ? numeral(all[at], 2) : "–"}</dd>
      </div>
    );
    return (
      <>
        {reading("forward", "of-red", value?.forward)}
        {reading("central", "of-ink", value?.central)}
        {reading("complex", "", value?.complexStep)}
      </>
    );
  });

  mount(byId("ways", HTMLElement), () => (
    <table class="ways">
      <thead>
        <tr>
          <th scope="col">way</th>
          <th scope="col">error</th>
          <th scope="col">price</th>
        </tr>
      </thead>
      <tbody>
        {ways.value.map(({ name, error, cost }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{error === 0 ? "0" : numeral(error, 2)}</td>
            <td>{cost}</td>
          </tr>
        ))}
      </tbody>
    </table>
  ));
}
