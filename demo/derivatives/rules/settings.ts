import { choice, made } from "../../site/settings.ts";
import { initialNumbers, rules, type RulesName } from "./examples.ts";

const names = Object.entries(rules).map(([key, { name }]) => [key, name]);

/** Numbers that can be typed. */
const most = 1e6;

/** Which derivation, and for which numbers. */
export const ruleFields = {
  rules: choice({
    label: "Function",
    effect: "live",
    options: Object.fromEntries(names) as Record<RulesName, string>,
    initial: "quadratics",
  }),
  numbers: made<readonly number[]>({
    label: "Numbers",
    effect: "live",
    initial: (before) => initialNumbers(before["rules"] as RulesName),
    parse(text) {
      const parts = text.split(",");
      const numbers = parts.map(Number);
      const areSome = parts.every((part, i) => part !== "" && Math.abs(numbers[i]) <= most);
      return areSome ? numbers : undefined;
    },
    format: (numbers) => numbers.join(","),
  }),
};

/** The numbers of a derivation, or those that it begins with where a link has another count of them. */
export function numbersOf(name: RulesName, numbers: readonly number[]): readonly number[] {
  const initial = initialNumbers(name);
  return numbers.length === initial.length ? numbers : initial;
}
