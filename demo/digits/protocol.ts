import type { Adapter } from "../adapter.ts";
import type { Digits } from "../mnist.ts";
import type { Settings } from "./settings.ts";

export type BackendName = Adapter["backend"];

/** What the page asks of the worker. The answer to "open" comes before anything else is asked. */
export type Request =
  | { kind: "open"; backend: BackendName; data: string }
  | { kind: "reset"; run: number; settings: Settings }
  | { kind: "train"; steps: number }
  | { kind: "pause" }
  | { kind: "rate"; rate: number }
  | { kind: "classify"; image: Float32Array<ArrayBuffer> }
  | { kind: "unplug" };

/** Steps that were made: the loss of each, and how long they took together. */
export interface Progress {
  kind: "progress";
  run: number;
  losses: Float32Array;
  seconds: number;
}

/** Probabilities of the ten classes for every test digit, after so many steps. */
export interface Exam {
  kind: "exam";
  run: number;
  step: number;
  accuracy: number;
  probabilities: Float32Array;
}

/** What the worker tells the page. */
export type Report =
  | { kind: "opened"; adapter: Adapter; test: Digits }
  | { kind: "ready"; run: number; stepsPerEpoch: number }
  | Progress
  | Exam
  | { kind: "classified"; probabilities: Float32Array }
  | { kind: "lost"; run: number; step: number }
  | { kind: "failed"; name: string; message: string };
