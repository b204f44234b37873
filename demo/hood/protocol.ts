import type { Inspection } from "cotangent/check";
import type { Layout } from "./layout.ts";
import type { Subject } from "./model.ts";

/** What the page asks its worker. */
export type Question =
  { kind: "inspect" } | { kind: "measure" } | { kind: "source"; program: number };

/** What became of the network. */
export interface Anatomy extends Inspection {
  what: Subject["what"];
  name: string;
  /** Each program in a few words. */
  titles: readonly string[];
  layout: Layout;
}

/** Milliseconds: of a step as a whole, and of each program, where they are known. */
export interface Times {
  wall: number;
  programs: readonly number[] | null;
}

export type Answer = { anatomy: Anatomy } | { times: Times } | { html: string };
