import { History } from "./history.ts";
import type { Exam, Report, Request } from "./protocol.ts";
import type { Settings } from "./settings.ts";
import { Speed } from "./speed.ts";

/** A run as the page sees it: asks the worker for steps and keeps what it reports. */
export class Experiment {
  settings: Settings;
  history = new History(1);
  speed = new Speed();
  /** The latest answers to the test digits. */
  exam: Exam | null = null;
  training = false;
  /** The step at which training stops. */
  goal = 0;
  #run = 0;
  readonly #send: (request: Request) => void;

  constructor(settings: Settings, send: (request: Request) => void) {
    this.settings = settings;
    this.#send = send;
  }

  get finished(): boolean {
    return this.goal > 0 && this.history.step >= this.goal;
  }

  /** Begins anew, and goes on training if it was. */
  reset(settings: Settings): void {
    this.settings = settings;
    this.#send({ kind: "reset", run: ++this.#run, settings });
  }

  start(): void {
    this.training = true;
    if (this.finished) this.goal += this.#length;
    this.#send({ kind: "train", steps: this.goal });
  }

  pause(): void {
    this.training = false;
    this.#send({ kind: "pause" });
  }

  setRate(settings: Settings): void {
    this.settings = settings;
    this.#send({ kind: "rate", rate: settings.rate });
  }

  get #length(): number {
    return this.settings.epochs * this.history.stepsPerEpoch;
  }

  /** Takes in what the worker reports of this run; what it still says of an earlier one is old. */
  take(report: Extract<Report, { run: number }>): void {
    if (report.run !== this.#run) return;
    switch (report.kind) {
      case "ready":
        this.history = new History(report.stepsPerEpoch);
        this.speed = new Speed();
        this.exam = null;
        this.goal = this.#length;
        if (this.training) this.start();
        break;
      case "progress":
        this.history.add(report.losses);
        this.speed.add(report.losses.length, report.seconds);
        if (this.finished) this.training = false;
        break;
      case "exam":
        this.history.addExam(report);
        this.exam = report;
        break;
      case "lost":
        this.history.rewind(report.step);
    }
  }
}
