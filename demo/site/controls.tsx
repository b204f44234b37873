import type { ComponentChild } from "preact";
import type { Control, Field, Fields, Settings } from "./settings.ts";

/** Two digits are enough on a scale of magnitudes. */
const rounded = (value: number) => Number(value.toPrecision(2));

interface InputProps<T> {
  name: string;
  field: Field<T>;
  value: T;
  set: (value: T) => void;
}

const valueOf = (event: Event) =>
  (event.currentTarget as HTMLInputElement | HTMLSelectElement).value;

function Slider({ field, value, set, ...rest }: InputProps<number>) {
  const { min, max, step, isLog } = field.control as Extract<Control, { kind: "slider" }>;
  const scale = isLog ? Math.log10 : (x: number) => x;
  return (
    <input
      {...rest}
      type="range"
      min={scale(min)}
      max={scale(max)}
      step={step}
      value={scale(value)}
      aria-valuetext={String(value)}
      onInput={(event) => {
        const at = Number(valueOf(event));
        set(isLog ? Math.min(Math.max(rounded(10 ** at), min), max) : at);
      }}
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
          {field.label} {field.control.kind === "slider" && <output>{String(value)}</output>}
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
