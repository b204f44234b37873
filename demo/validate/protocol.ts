import type { DeviceInfo } from "cotangent";
import type { SelfTestResult } from "cotangent/check";
import type { Verdict } from "../recipes/bands.ts";
import type { EpochResult } from "../recipes/recipes.ts";

/** What the page asks its worker. */
export type Question =
  | { kind: "machine" }
  /** Begins to test these ops, or to train the recipes for so many epochs. */
  | { kind: "test"; only: readonly string[] }
  | { kind: "train"; epochs: number }
  | { kind: "stop" }
  /** What has happened since it was asked last; waits until something has. */
  | { kind: "news" };

/** What is tested. */
export interface Machine {
  ops: readonly string[];
  info: DeviceInfo;
  /** What the adapter says of itself. */
  adapter: Readonly<Record<string, string>>;
}

/** A run of a recipe, or what all of its runs come to. */
export type RecipeRow = { title: string } & (
  { seed: number; result: EpochResult } | { verdict: Verdict }
);

export type News =
  | { kind: "result"; done: number; total: number; result: SelfTestResult }
  /** The share of the training that is done, and what is trained now. */
  | { kind: "training"; share: number; text: string }
  | { kind: "recipe"; row: RecipeRow }
  | { kind: "end"; isWhole: boolean; failure?: string };

export interface Answer {
  machine?: Machine;
  news?: readonly News[];
}
