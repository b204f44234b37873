import type { Adapter } from "../../adapter.ts";

/** What a run of a program says, in this order: on what it runs, what it writes, and its end. */
export type Line =
  | { kind: "adapter"; adapter: Adapter }
  | { kind: "text"; text: string }
  /** What is drawn beside its text. */
  | { kind: "series"; values: Float32Array }
  | { kind: "end"; milliseconds: number }
  | { kind: "failure"; text: string };
