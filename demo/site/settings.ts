import { signal, type ReadonlySignal } from "@preact/signals-core";

/** What a run does about a change: follow it, last longer or shorter, or begin anew. */
export type Effect = "live" | "extend" | "rebuild";

/** What a setting is changed with. */
export type Control =
  | { kind: "select"; options: readonly (readonly [value: string, text: string])[] }
  | { kind: "slider"; min: number; max: number; step: number; isLog: boolean }
  | { kind: "number"; min: number; max: number }
  | { kind: "switch" }
  | { kind: "none" };

/** A setting: its words, its control, and how a link spells it. */
export interface Field<T> {
  label: string;
  hint?: string;
  effect: Effect;
  /** Where it begins; it may follow from those that are declared before it, and then changes with them. */
  initial: T | ((before: Readonly<Record<string, unknown>>) => T);
  control: Control;
  /** Undefined where the text makes no sense. */
  parse(text: string): T | undefined;
  format(value: T): string;
}

// oxlint-disable-next-line typescript/no-explicit-any -- fields of all types; `Values` has the type of each
export type Fields = Record<string, Field<any>>;

/** The settings that fields declare, each of its field's type. */
export type Values<F extends Fields> = {
  [K in keyof F]: F[K] extends Field<infer T> ? T : never;
};

interface Words {
  label: string;
  hint?: string;
  effect: Effect;
}

/** One of several, given as what each is called. */
export const choice = <K extends string>(
  words: Words & { options: Readonly<Record<K, string>>; initial: NoInfer<Field<K>["initial"]> },
): Field<K> => {
  const { options, ...rest } = words;
  return {
    ...rest,
    control: { kind: "select", options: Object.entries<string>(options) },
    parse: (text) => (Object.hasOwn(options, text) ? (text as K) : undefined),
    format: String,
  };
};

/** One of several numbers. */
export const numberChoice = (
  words: Words & { options: readonly number[]; initial: number },
): Field<number> => {
  const { options, ...rest } = words;
  return {
    ...rest,
    control: { kind: "select", options: options.map((n) => [String(n), n.toLocaleString("en")]) },
    parse: (text) => options.find((n) => String(n) === text),
    format: String,
  };
};

interface Range {
  min: number;
  max: number;
}

const within =
  ({ min, max }: Range, isWhole: boolean) =>
  (text: string) => {
    const value = text.trim() === "" ? NaN : Number(text);
    return value >= min && value <= max && (!isWhole || Number.isInteger(value))
      ? value
      : undefined;
  };

/** A number on a slider, which is logarithmic where it spans magnitudes. */
export const slider = (
  words: Words & Range & { step: number; isLog?: boolean; initial: Field<number>["initial"] },
): Field<number> => {
  const { min, max, step, isLog = false, ...rest } = words;
  return {
    ...rest,
    control: { kind: "slider", min, max, step, isLog },
    parse: within({ min, max }, false),
    format: String,
  };
};

/** A number to be typed. */
export const number = (
  words: Words & Range & { isWhole?: boolean; initial: number },
): Field<number> => {
  const { min, max, isWhole = false, ...rest } = words;
  return {
    ...rest,
    control: { kind: "number", min, max },
    parse: within({ min, max }, isWhole),
    format: String,
  };
};

/** Yes or no. */
export const toggle = (words: Words & { initial: boolean }): Field<boolean> => ({
  ...words,
  control: { kind: "switch" },
  parse: (text) => (text === "yes" ? true : text === "no" ? false : undefined),
  format: (value) => (value ? "yes" : "no"),
});

/** What the visitor makes with other means than a control, a drawing say; it is in the link all the same. */
export const made = <T>(
  field: Pick<Field<T>, "label" | "effect" | "initial" | "parse" | "format">,
): Field<T> => ({ ...field, control: { kind: "none" } });

type Listener<V> = (effect: Effect, values: V) => void;

/** The values of declared settings, which the page's link holds. */
export class Settings<F extends Fields> {
  readonly fields: F;
  readonly #values;
  readonly #listeners = new Set<Listener<Values<F>>>();

  constructor(fields: F, link: string) {
    this.fields = fields;
    this.#values = signal(this.#parse(link));
  }

  get signal(): ReadonlySignal<Values<F>> {
    return this.#values;
  }

  get values(): Values<F> {
    return this.#values.value;
  }

  /** The link's hash: what is not as it begins, so that a short link stays one. */
  get link(): string {
    const values = this.#values.value;
    const query = new URLSearchParams();
    for (const [name, field] of Object.entries(this.fields)) {
      const text = field.format(values[name]);
      if (text !== field.format(this.#initial(field, values))) query.set(name, text);
    }
    return query.size > 0 ? `#${query}` : "";
  }

  /** Changes some, and with them those that follow from them. */
  set(changes: Partial<Values<F>>): void {
    const before = this.#values.value;
    const after: Record<string, unknown> = { ...before };
    for (const [name, field] of Object.entries(this.fields)) {
      const initial = this.#initial(field, after);
      if (Object.hasOwn(changes, name)) after[name] = changes[name];
      else if (initial !== this.#initial(field, before)) after[name] = initial;
    }
    this.#change(after as Values<F>);
  }

  /** Takes over what a link says; one that is no settings at all, as that of a heading, says nothing. */
  follow(link: string): void {
    if (link.replace(/^#/, "") === "" || link.includes("=")) this.#change(this.#parse(link));
  }

  /** All as they begin, or these alone. */
  reset(...names: (keyof F & string)[]): void {
    const before = this.#values.value;
    const after: Record<string, unknown> = { ...before };
    for (const [name, field] of Object.entries(this.fields)) {
      const initial = this.#initial(field, after);
      const isAsked = names.length === 0 || names.includes(name);
      if (isAsked || initial !== this.#initial(field, before)) after[name] = initial;
    }
    this.#change(after as Values<F>);
  }

  /** Is told of changes, with the strongest of their effects. */
  onChange(listener: Listener<Values<F>>): void {
    this.#listeners.add(listener);
  }

  #initial<T>(field: Field<T>, values: Readonly<Record<string, unknown>>): T {
    const { initial } = field;
    return typeof initial === "function"
      ? (initial as (before: Readonly<Record<string, unknown>>) => T)(values)
      : initial;
  }

  #parse(link: string): Values<F> {
    const given = new URLSearchParams(link.replace(/^#/, ""));
    const values: Record<string, unknown> = {};
    for (const [name, field] of Object.entries(this.fields)) {
      const text = given.get(name);
      const value: unknown = text === null ? undefined : field.parse(text);
      values[name] = value ?? this.#initial(field, values);
    }
    return values as Values<F>;
  }

  #change(after: Values<F>): void {
    const before = this.#values.value;
    const effects = Object.entries(this.fields).flatMap(([name, { format, effect }]) =>
      format(before[name]) === format(after[name]) ? [] : [effect],
    );
    if (effects.length === 0) return;
    this.#values.value = after;
    const strongest = (["rebuild", "extend", "live"] as const).find((e) => effects.includes(e));
    for (const listener of this.#listeners) listener(strongest ?? "live", after);
  }
}
