import { describeValue } from "../base/describe-value.ts";
import { ValueError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";

/**
 * The options of a schedule with its defaults, undefined for what has to be given; throws for what cannot be: a rate or
 * an option that is no number where one belongs, or counts and factors that are not positive.
 */
export function complete<T extends object>(
  name: string,
  rates: Record<string, number>,
  options: T,
  defaults: { [K in keyof T]-?: T[K] | undefined },
): Required<T> {
  checkOptions(name, options, Object.keys(defaults) as (keyof T & string)[]);
  const all = { ...defaults };
  for (const key in all) all[key] = options[key] ?? all[key];
  for (const [key, value] of Object.entries<unknown>({ ...rates, ...all })) {
    const usual: unknown = defaults[key as keyof T] ?? 0;
    if (typeof usual !== "number") continue;
    const positive = /^(steps|every|factor|up|down)$|Divisor$/.test(key);
    if (Number.isFinite(value) && (!positive || (value as number) > 0)) continue;
    const got = typeof value === "number" ? value : describeValue(value);
    throw new ValueError(`${name}: ${key} is a ${positive ? "positive " : ""}number, got ${got}`);
  }
  return all as Required<T>;
}
