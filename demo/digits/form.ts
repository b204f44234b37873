import { make } from "../dom.ts";
import {
  batchSizes,
  epochCounts,
  formatSettings,
  networks,
  parseSettings,
  usualRate,
  type Settings,
} from "./settings.ts";

/** The controls of a run, kept in step with the page's address. */
export class SettingsForm {
  #settings: Settings;
  readonly #form: HTMLFormElement;
  readonly #rateValue: HTMLElement;

  /** `onChange` is told the new settings, and whether only the learning rate changed. */
  constructor(
    form: HTMLFormElement,
    rateValue: HTMLElement,
    onChange: (settings: Settings, onlyRate: boolean) => void,
  ) {
    this.#form = form;
    this.#rateValue = rateValue;
    this.#fill("network", Object.entries(networks));
    this.#fill("batch", batchSizes);
    this.#fill("epochs", epochCounts);
    this.#settings = parseSettings(location.hash);
    this.#show();

    const changed = (settings: Settings, onlyRate: boolean) => {
      this.#settings = settings;
      this.#show();
      history.replaceState(
        null,
        "",
        location.pathname + location.search + formatSettings(settings),
      );
      onChange(settings, onlyRate);
    };
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", ({ target }) => {
      if (this.#control("rate") === target) changed({ ...this.#settings, rate: this.#rate }, true);
    });
    form.addEventListener("change", ({ target }) => {
      if (this.#control("rate") === target || !form.reportValidity()) return;
      const optimizerChanged = this.#control("optimizer") === target;
      changed(this.#read(optimizerChanged), false);
    });
    addEventListener("hashchange", () => {
      this.#settings = parseSettings(location.hash);
      this.#show();
      onChange(this.#settings, false);
    });
  }

  get settings(): Settings {
    return this.#settings;
  }

  #control(name: keyof Settings): HTMLInputElement | HTMLSelectElement {
    return this.#form.elements.namedItem(name) as HTMLInputElement | HTMLSelectElement;
  }

  #fill(name: keyof Settings, options: readonly (number | [value: string, text: string])[]): void {
    const items = options.map((option) => (Array.isArray(option) ? option : [String(option)]));
    const [select] = [this.#control(name)];
    select.append(...items.map(([value, text]) => make("option", { value }, text ?? value)));
  }

  /** The slider is logarithmic; two digits are enough. */
  get #rate(): number {
    return Number((10 ** Number(this.#control("rate").value)).toPrecision(2));
  }

  /** What the controls say; with the optimizer's usual rate if that is wanted. */
  #read(usual: boolean): Settings {
    const names: (keyof Settings)[] = ["network", "optimizer", "batch", "epochs", "seed"];
    const query = new URLSearchParams(names.map((name) => [name, this.#control(name).value]));
    const settings = parseSettings(query.toString());
    return usual ? settings : { ...settings, rate: this.#settings.rate };
  }

  #show(): void {
    const { rate, ...rest } = this.#settings;
    for (const [name, value] of Object.entries(rest)) {
      this.#control(name as keyof Settings).value = String(value);
    }
    const slider = this.#control("rate");
    if (this.#rate !== rate) slider.value = String(Math.log10(rate));
    this.#rateValue.textContent = String(rate);
    slider.setAttribute("aria-valuetext", String(rate));
    slider.classList.toggle("usual", rate === usualRate[rest.optimizer]);
  }
}
