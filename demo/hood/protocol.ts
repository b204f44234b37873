import type { Inspection } from "cotangent/check";
import type { Layout } from "./layout.ts";
import type { Subject } from "./model.ts";

/** What the page asks its worker. */
export type Question =
  /** For a frame that is so wide for its height. */
  { kind: "inspect"; aspect: number } | { kind: "measure" } | { kind: "source"; program: number };

/** What became of the network. */
export interface Anatomy extends Inspection {
  what: Subject["what"];
  name: string;
  /** Each program in a few words. */
  titles: readonly string[];
}

/** Milliseconds: of a step as a whole, and of each program, where they are known. */
export interface Times {
  wall: number;
  programs: readonly number[] | null;
}

export type Answer = { anatomy: Anatomy; layout: Layout } | { times: Times } | { html: string };
