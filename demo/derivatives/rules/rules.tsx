import { computed, effect, signal } from "@preact/signals-core";
import type { Remote } from "comlink";
import type { ComponentChild } from "preact";
import { Chips } from "../../site/chips.tsx";
import { latest } from "../../site/latest.ts";
import { byId, mount } from "../../site/live.ts";
import { NumberInput } from "../../site/number-input.tsx";
import type { Settings } from "../../site/settings.ts";
import { numeral } from "../format.ts";
import { math, numberOf } from "../mathml.ts";
import type { Reference } from "../reference-worker.ts";
import type { fields } from "../settings.ts";
import { portions, rules, type Found, type Given, type RulesName } from "./examples.ts";
import { numbersOf } from "./settings.ts";

const element = (id: string) => byId(id, HTMLElement);

interface RulesOptions {
  settings: Settings<typeof fields>;
  reference: Remote<Reference>;
}

/** Derivations of functions of matrices, each line with its numbers for matrices of one's own. */
export function mountRules({ settings, reference }: RulesOptions): void {
  const found = signal<{ name: RulesName; lines: readonly Found[] } | null>(null);
  const chosen = computed(() => settings.signal.value.rules);
  const numbers = computed(() => numbersOf(chosen.value, settings.signal.value.numbers));

  const ask = latest(async (name: RulesName, given: readonly number[]) => {
    found.value = { name, lines: await reference.derive(name, given) };
  });
  effect(() => ask(chosen.value, numbers.value));

  mount(element("rules-chips"), () => (
    <Chips
      name="rules"
      options={Object.fromEntries(Object.entries(rules).map(([key, { name }]) => [key, name]))}
      value={chosen.value}
      choose={(name) => settings.set({ rules: name as RulesName })}
    />
  ));
  mount(element("rules-given"), () => (
    <Matrices
      name={chosen.value}
      numbers={numbers.value}
      change={(changed) => settings.set({ numbers: changed })}
    />
  ));
  element("rules-random").addEventListener("click", () =>
    settings.set({ numbers: numbers.value.map(() => Math.round(40 * Math.random() - 20) / 10) }),
  );
  element("rules-initial").addEventListener("click", () =>
    settings.set({ numbers: numbersOf(chosen.value, []) }),
  );
  for (const list of document.querySelectorAll<HTMLElement>("[data-rules]")) {
    const outputs = [...list.querySelectorAll("output")];
    effect(() => {
      list.hidden = list.dataset["rules"] !== chosen.value;
      const { value } = found;
      if (!value || value.name !== list.dataset["rules"]) return;
      value.lines.forEach((line, i) => {
        outputs[i].innerHTML = `= ${valueOf(line)}`;
      });
    });
  }
  mount(element("rules-story"), () => storyOf(found.value?.lines));
  for (const id of ["rules-chips", "rules-given"])
    element(id).addEventListener("submit", (event) => event.preventDefault());
}

/** A number, a column of them, or a matrix; brackets of few fonts grow with what they hold, so these are borders. */
function valueOf({ shape, byRule }: Found): string {
  const all = Array.from(byRule, (v) => numberOf(v));
  if (shape.length === 0) return math(all[0]);
  const columns = shape.length === 1 ? 1 : shape[1];
  const rows = Array.from({ length: all.length / columns }, (_, i) => {
    const cells = all.slice(i * columns, (i + 1) * columns).map((cell) => `<mtd>${cell}</mtd>`);
    return `<mtr>${cells.join("")}</mtr>`;
  });
  return `<span class="brackets">${math(`<mtable>${rows.join("")}</mtable>`)}</span>`;
}

/** How well rules and library agree. */
function storyOf(lines: readonly Found[] | undefined): ComponentChild {
  if (!lines) return "Each rule as it is applied, in numbers.";
  const worst = lines.reduce((most, { error }) => (most >= error ? most : error), 0);
  if (Number.isNaN(worst)) return "For these numbers there is no such derivative.";
  return worst === 0 ? (
    <>
      Each of these {lines.length} lines is <em>exactly</em> what the library finds.
    </>
  ) : (
    <>
      Each of these {lines.length} lines is what the library finds, to <em>{numeral(worst, 1)}</em>{" "}
      of its size.
    </>
  );
}

interface MatricesProps {
  name: RulesName;
  numbers: readonly number[];
  change: (numbers: readonly number[]) => void;
}

/** A field for each number of each vector and matrix. */
function Matrices({ name, numbers, change }: MatricesProps): ComponentChild {
  const parts = portions(name, numbers);
  const given: readonly Given[] = rules[name].given;
  let first = 0;
  return given.map(({ name: letter, shape }, i) => {
    const from = first;
    first += parts[i].length;
    const columns = shape[1] ?? 1;
    return (
      <fieldset key={`${name} ${letter}`} class="matrix">
        <legend>{letter} =</legend>
        <div class="brackets" style={{ gridTemplateColumns: `repeat(${columns}, 1fr)` }}>
          {parts[i].map((value, k) => {
            const where = `row ${Math.floor(k / columns) + 1}, column ${(k % columns) + 1}`;
            return (
              <NumberInput
                key={k}
                min={-1e6}
                max={1e6}
                aria-label={
                  shape.length === 1 ? `${letter}, number ${k + 1}` : `${letter}, ${where}`
                }
                value={value}
                take={(typed) => change(numbers.with(from + k, typed))}
              />
            );
          })}
        </div>
      </fieldset>
    );
  });
}
