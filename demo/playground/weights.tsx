import { effect, signal, type ReadonlySignal } from "@preact/signals-core";
import { latest } from "../site/latest.ts";
import { mount } from "../site/live.ts";
import type { Answer, Place, Question } from "./protocol.ts";

interface WeightsOptions {
  title: HTMLElement;
  form: HTMLElement;
  place: ReadonlySignal<Place | null>;
  /** What the unit is called, and what its weights come from. */
  nameOf: (place: Place) => string;
  sourcesOf: (place: Place) => readonly string[];
  /** Changes when the weights may have. */
  news: ReadonlySignal<unknown>;
  ask: (question: Question) => Promise<Answer>;
}

/** Bias and weights of the unit that was pressed, as numbers that can be typed over while it learns. */
export function showWeights(options: WeightsOptions): void {
  const { title, form, place, nameOf, sourcesOf, news, ask } = options;
  const shown = signal<{ place: Place; values: Float32Array } | null>(null);
  const refresh = latest(async (of: Place) => {
    const values = await ask({ kind: "weights", place: of });
    if (values && of === place.value) shown.value = { place: of, values };
  });
  effect(() => {
    void news.value;
    if (place.value) refresh(place.value);
    else shown.value = null;
  });
  mount(title, () => (shown.value ? `Weights: ${nameOf(shown.value.place)}` : "Weights"));
  mount(form, () => {
    const { value } = shown;
    if (!value) return <p class="hint">Press a unit of the network: here is what it weighs.</p>;
    const names = ["bias", ...sourcesOf(value.place)];
    return Array.from(value.values, (weight, i) => (
      <label key={i}>
        <span>{names[i]}</span>
        <input
          type="number"
          step={0.1}
          // What is being typed stays.
          value={document.activeElement?.id === `weight-${i}` ? undefined : weight.toFixed(3)}
          id={`weight-${i}`}
          onChange={({ currentTarget }) => {
            const typed = currentTarget.valueAsNumber;
            if (Number.isFinite(typed))
              void ask({ kind: "set", place: value.place, i, value: typed });
          }}
        />
      </label>
    ));
  });
}
