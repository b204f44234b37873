import { judgedEpochs } from "../recipes/bands.ts";
import { choice, made, numberChoice } from "../site/settings.ts";

/** Which ops are tested, what a row stands for, and how long the recipes are followed. */
export const fields = {
  by: choice({
    label: "A row for each",
    effect: "live",
    options: { op: "op", kernel: "GPU program" },
    initial: "op",
  }),
  /** Parts of their names; empty: all. */
  only: made<string>({
    label: "Only ops named",
    effect: "live",
    initial: "",
    parse: (text) => text,
    format: (text) => text,
  }),
  epochs: numberChoice({
    label: "Epochs",
    effect: "live",
    options: judgedEpochs,
    initial: judgedEpochs.length,
  }),
};

/** The names in which one of these words occurs; all where there is no word. */
export function chosen(names: readonly string[], only: string): readonly string[] {
  const words = only.toLowerCase().split(/[\s,]+/).filter(Boolean); // prettier-ignore
  if (words.length === 0) return names;
  return names.filter((name) => words.some((word) => name.toLowerCase().includes(word)));
}
