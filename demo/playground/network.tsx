import { computed, effect, signal, type ReadonlySignal } from "@preact/signals-core";
import { mount } from "../site/live.ts";
import type { Settings } from "../site/settings.ts";
import { centerOf, cornerOf, layout, legible, type Block } from "./layout.ts";
import type { Place } from "./protocol.ts";
import { allInputs, inputNames, mostLayers, mostUnits, type fields } from "./settings.ts";

interface Parts {
  frame: HTMLElement;
  inputs: HTMLElement;
  units: HTMLElement;
  widths: HTMLElement;
  depth: HTMLElement;
}

/** Lengths as a style has them. */
const inPixels = (lengths: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(lengths).map(([name, n]) => [name, `${n}px`]));

/** What lies over the picture of the network, for pointer and keyboard; it tells which unit is looked at. */
export class NetworkOverlay {
  /** The unit that is pointed at, or the one that was pressed. */
  readonly looked: ReadonlySignal<Place | null>;
  readonly #settings: Settings<typeof fields>;
  readonly #parts: Parts;
  readonly #pointed = signal<Place | null>(null);
  /** The one that was pressed. */
  readonly pinned = signal<Place | null>(null);
  readonly #blocks: ReadonlySignal<readonly Block[]>;

  constructor(settings: Settings<typeof fields>, parts: Parts) {
    this.#settings = settings;
    this.#parts = parts;
    this.looked = computed(() => this.#pointed.value ?? this.pinned.value);
    // Known before the first frame: buttons would come in one corner, and jump.
    const size = signal<readonly [number, number]>([
      parts.frame.clientWidth,
      parts.frame.clientHeight,
    ]);
    new ResizeObserver(([{ contentRect }]) => {
      size.value = [contentRect.width, contentRect.height];
    }).observe(parts.frame);
    const layers = computed(() => settings.signal.value.layers);
    this.#blocks = computed(() => layout(...size.value, [allInputs.length, ...layers.value, 1]));
    effect(() => {
      void layers.value;
      this.pinned.value = null;
      this.#pointed.value = null;
    });
    mount(parts.inputs, () => this.#inputs());
    mount(parts.units, () => this.#units());
    mount(parts.widths, () => this.#widths());
    mount(parts.depth, () => this.#depth());
    this.#listen();
    effect(() => this.#markPinned());
  }

  /** The buttons of the inputs: each stands on its name and its picture. */
  #inputs() {
    const { inputs } = this.#settings.values;
    const [block] = this.#blocks.value;
    return allInputs.map((name, unit) => {
      const { left, top } = cornerOf(block, unit);
      const isOn = inputs.includes(name);
      const others = allInputs.filter((each) => (each === name ? !isOn : inputs.includes(each)));
      return (
        <button
          type="button"
          key={name}
          data-layer={0}
          data-unit={unit}
          aria-pressed={isOn}
          style={inPixels({ top, width: left + block.side, height: block.side })}
          onClick={() => others.length > 0 && this.#settings.set({ inputs: others })}
        >
          <span>{inputNames[name]}</span>
          <i style={inPixels({ width: block.side })} />
        </button>
      );
    });
  }

  /** A button on each hidden unit and on the answer; arrow keys go from one to the next. */
  #units() {
    const [, ...blocks] = this.#blocks.value;
    return blocks.flatMap((block, i) =>
      Array.from({ length: block.count }, (_, unit) => {
        const { left, top } = cornerOf(block, unit);
        const place = { layer: i + 1, unit };
        return (
          <button
            type="button"
            key={`${i} ${unit}`}
            data-layer={place.layer}
            data-unit={unit}
            class={block.side < legible ? "tiny" : undefined}
            aria-label={this.nameOf(place)}
            tabIndex={i === 0 && unit === 0 ? 0 : -1}
            style={inPixels({ left, top, width: block.side, height: block.side })}
          />
        );
      }),
    );
  }

  #widths() {
    const { layers } = this.#settings.values;
    const [inputs, ...blocks] = this.#blocks.value;
    const width = Math.min(centerOf(blocks[0]) - centerOf(inputs) - 2, 62);
    return layers.map((units, i) => {
      const block = blocks[i];
      return (
        <input
          key={i}
          type="number"
          aria-label={`Units of hidden layer ${i + 1}`}
          min={1}
          max={mostUnits}
          value={units}
          style={inPixels({ left: centerOf(block) - width / 2, width })}
          onChange={({ currentTarget }) => {
            const typed = Math.round(Number(currentTarget.value));
            const next = Math.min(Math.max(typed || 1, 1), mostUnits);
            currentTarget.value = String(next);
            this.#settings.set({ layers: layers.map((n, k) => (k === i ? next : n)) });
          }}
        />
      );
    });
  }

  #depth() {
    const { layers } = this.#settings.values;
    const n = layers.length;
    return (
      <>
        <button
          type="button"
          aria-label="One hidden layer less"
          disabled={n === 0}
          onClick={() => this.#settings.set({ layers: layers.slice(0, -1) })}
        >
          −
        </button>
        <span>
          {n} hidden layer{n === 1 ? "" : "s"}
        </span>
        <button
          type="button"
          aria-label="One hidden layer more"
          disabled={n === mostLayers}
          onClick={() => this.#settings.set({ layers: [...layers, layers.at(-1) ?? 4] })}
        >
          +
        </button>
      </>
    );
  }

  nameOf({ layer, unit }: Place): string {
    const { layers } = this.#settings.values;
    if (layer === 0) return `Input ${inputNames[allInputs[unit]]}`;
    if (layer > layers.length) return "The answer";
    return `Layer ${layer}, unit ${unit + 1}`;
  }

  /** What the weights of a unit come from. */
  sourcesOf({ layer }: Place): readonly string[] {
    const { layers, inputs } = this.#settings.values;
    return layer === 1
      ? inputs.map((name) => inputNames[name])
      : Array.from({ length: layers[layer - 2] }, (_, i) => `unit ${i + 1}`);
  }

  #listen(): void {
    const { frame, units } = this.#parts;
    const placeOf = ({ target }: Event): Place | null => {
      const button = target instanceof Element ? target.closest("button") : null;
      const { layer, unit } = button?.dataset ?? {};
      return layer === undefined ? null : { layer: Number(layer), unit: Number(unit) };
    };
    const point = (event: Event) => (this.#pointed.value = placeOf(event));
    frame.addEventListener("pointerover", point);
    frame.addEventListener("pointerleave", () => (this.#pointed.value = null));
    // A press gives focus too; the unit is pinned by it, and let go by the next.
    frame.addEventListener("focusin", (event) => {
      if (event.target instanceof Element && event.target.matches(":focus-visible")) point(event);
    });
    frame.addEventListener("focusout", () => (this.#pointed.value = null));
    units.addEventListener("click", (event) => {
      const place = placeOf(event);
      const { value } = this.pinned;
      const isSame = place?.layer === value?.layer && place?.unit === value?.unit;
      this.pinned.value = isSame ? null : place;
      if (isSame) this.#pointed.value = null;
    });
    units.addEventListener("keydown", (event) => {
      const place = placeOf(event);
      const next = place && this.#neighbour(place, event.key);
      if (event.key === "Escape") this.pinned.value = null;
      if (!next) return;
      event.preventDefault();
      this.#buttonOf(next)?.focus();
    });
    units.addEventListener("focusin", ({ target }) => {
      for (const button of units.children) (button as HTMLElement).tabIndex = -1;
      (target as HTMLElement).tabIndex = 0;
    });
  }

  #buttonOf({ layer, unit }: Place): HTMLElement | null {
    return this.#parts.units.querySelector(`[data-layer="${layer}"][data-unit="${unit}"]`);
  }

  /** The unit that an arrow key leads to. */
  #neighbour({ layer, unit }: Place, key: string): Place | null {
    const blocks = this.#blocks.value;
    const at = (layer: number, unit: number) => {
      const block = blocks[layer];
      if (!block || layer === 0) return null;
      return { layer, unit: Math.min(Math.max(unit, 0), block.count - 1) };
    };
    switch (key) {
      case "ArrowUp":
        return at(layer, unit - 1);
      case "ArrowDown":
        return at(layer, unit + 1);
      case "ArrowLeft":
        return at(layer - 1, unit);
      case "ArrowRight":
        return at(layer + 1, unit);
      default:
        return null;
    }
  }

  #markPinned(): void {
    const { value } = this.pinned;
    this.#parts.units.querySelector("[aria-pressed]")?.removeAttribute("aria-pressed");
    if (value) this.#buttonOf(value)?.setAttribute("aria-pressed", "true");
  }
}
