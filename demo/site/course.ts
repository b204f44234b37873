import type { Device, Tensor } from "cotangent";
import type { Painter } from "./drawing.ts";

/** What a page trains, or computes on being asked: the worker's half of a page. */
export interface Course<S = never, Q = never, A = unknown> {
  /** Makes n steps after so many; the loss of each, [n]. */
  advance?(n: number, step: number): Tensor;
  /** How many steps can be made at a time after so many; a promise where what they need is still to come. */
  available?(step: number): number | Promise<number>;
  /** Resolves when a step would begin at once. */
  ready?(): Promise<void>;
  /** Follows settings that have changed and need no other course. */
  change?(settings: S): void;
  /** What the page is told besides losses: at the start, now and then, and in the end. */
  look?(): Promise<unknown>;
  /** Steps after each multiple of which there is a look. */
  lookEvery?: number;
  /** Answers what the page asks. */
  ask?(question: Q): A | Promise<A>;
  /** Draws on the page's canvases. */
  paint?(painter: Painter): Promise<void>;
}

/** What a course is made with. */
export interface Host {
  /** The page's address, beside which the files of `public/` lie. */
  base: string;
  /** What computes; one that is lost is replaced within it. */
  device: Device;
  /** Says how much has been prepared. */
  progress(done: number, total: number): void;
}

/** Makes a course for these settings. */
export type Build<S, Q = never, A = unknown> = (
  settings: S,
  host: Host,
) => Course<S, Q, A> | Promise<Course<S, Q, A>>;

/** What the worker tells the page of the run with this number. */
export type Report = { run: number } & (
  | { kind: "preparing"; done: number; total: number }
  | { kind: "ready"; lookEvery: number | undefined }
  /** Steps that were made: the loss of each, and how long they took together. */
  | { kind: "progress"; losses: Float32Array; seconds: number }
  | { kind: "look"; step: number; seen: unknown }
  | { kind: "finished" }
  | { kind: "lost"; step: number }
  | { kind: "failed"; name: string; message: string }
);
