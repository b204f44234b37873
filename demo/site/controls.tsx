import type { ComponentChild } from "preact";
import { minus } from "./minus.ts";
import type { Control, Field, Fields, Settings } from "./settings.ts";

type SliderControl = Extract<Control, { kind: "slider" }>;

const scaleOf = ({ isLog }: SliderControl) => (isLog ? Math.log10 : (x: number) => x);

/** What a slider gives at a place of its scale: two digits are enough on a scale of magnitudes. */
const valueAt = ({ min, max, isLog }: SliderControl, at: number) =>
  isLog ? Math.min(Math.max(Number((10 ** at).toPrecision(2)), min), max) : at;

const widths = new WeakMap<SliderControl, number>();

/** How many digits wide a number is: signs and points are half as wide. */
const digitsOf = (text: string) =>
  text.replace(/\D/g, "").length + 0.5 * text.replace(/\d/g, "").length;

/** How many digits wide the longest value of a slider is: room for it keeps the words beside it in their lines. */
function widthOf(control: SliderControl): number {
  const known = widths.get(control);
  if (known !== undefined) return known;
  const { min, max, step } = control;
  const [from, to] = [min, max].map(scaleOf(control));
  // Sums of steps are free of the errors of binary fractions, as a browser's are.
  const places = Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) =>
    Number((from + i * step).toFixed(9)),
  );
  const width = Math.max(...places.map((at) => digitsOf(String(valueAt(control, at)))));
  widths.set(control, width);
  return width;
}

interface InputProps<T> {
  name: string;
  field: Field<T>;
  value: T;
  set: (value: T) => void;
}

const valueOf = (event: Event) =>
  (event.currentTarget as HTMLInputElement | HTMLSelectElement).value;

function Slider({ field, value, set, ...rest }: InputProps<number>) {
  const control = field.control as SliderControl;
  const { min, max, step } = control;
  const scale = scaleOf(control);
  return (
    <input
      {...rest}
      type="range"
      min={scale(min)}
      max={scale(max)}
      step={step}
      value={scale(value)}
      aria-valuetext={String(value)}
      onInput={(event) => set(valueAt(control, Number(valueOf(event))))}
    />
  );
}

function Input<T>({ field, value, set, ...rest }: InputProps<T>) {
  const { control, parse, format } = field;
  const take = (event: Event) => {
    const parsed = parse(valueOf(event));
    if (parsed !== undefined) set(parsed);
  };
  switch (control.kind) {
    case "select":
      return (
        <select {...rest} value={format(value)} onChange={take}>
          {control.options.map(([option, text]) => (
            <option key={option} value={option}>
              {text}
            </option>
          ))}
        </select>
      );
    case "slider":
      return <Slider {...rest} field={field as never} value={value as never} set={set as never} />;
    case "number": {
      const { min, max } = control;
      return (
        <input
          {...rest}
          type="number"
          {...{ min, max }}
          step="any"
          required
          value={format(value)}
          onChange={take}
        />
      );
    }
    case "switch":
      return (
        <input
          {...rest}
          type="checkbox"
          checked={value === true}
          onChange={(event) => set(event.currentTarget.checked as T)}
        />
      );
    case "none":
      return null;
  }
}

interface ControlsProps<F extends Fields> {
  settings: Settings<F>;
  /** Which, in this order. */
  names: readonly (keyof F & string)[];
}

/** Labelled controls for settings. */
export function Controls<F extends Fields>({ settings, names }: ControlsProps<F>): ComponentChild {
  return names.map((name) => {
    const field = settings.fields[name];
    const value = settings.values[name];
    return (
      <label key={name} class={field.control.kind}>
        <span>
          {field.label}{" "}
          {field.control.kind === "slider" && (
            <output style={{ minWidth: `${widthOf(field.control)}ch` }}>
              {minus(String(value))}
            </output>
          )}
        </span>
        <Input
          name={name}
          field={field}
          value={value}
          set={(next) => settings.set({ [name]: next } as never)}
        />
        {field.hint && <small>{field.hint}</small>}
      </label>
    );
  });
}
