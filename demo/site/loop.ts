import { DeviceLostError, type Device } from "cotangent";
import type { Course, Report } from "./course.ts";
import { Pace } from "./pace.ts";

/** Seconds between two snapshots. */
const snapshotEvery = 5;

/** Chunks of steps that are under way at once: one computes while the other is read and followed by a next. */
const mostInFlight = 2;

/** How often a device may be lost before a step is done, or a question answered. */
export const mostLosses = 3;

/** How long another device is waited for. */
const mostSecondsWithout = 15;

interface Chunk {
  n: number;
  losses: Promise<Float32Array>;
}

/** A state that is kept on the host. */
interface Kept {
  step: number;
  at: number;
}

/** A course being taken. */
interface Run {
  id: number;
  course: Course;
  pace: Pace;
  inFlight: Chunk[];
  /** Steps asked for, and steps whose losses are known. */
  asked: number;
  done: number;
  /** When the last chunk was over. */
  settledAt: number;
  /** The step that a lost device would go back to, and when it was kept; none yet. */
  kept?: Kept;
}

const now = () => performance.now() / 1000;

/** Trains a course in chunks as long as it is to; messages are answered, and pictures drawn, between two. */
export class Loop {
  readonly #device: Device;
  readonly #report: (report: Report) => void;
  /** Called when there is something new to draw. */
  readonly #onStep: () => void;
  /** Called when a run has to be made anew. */
  readonly #rebuild: (run: number) => void;
  #run: Run | null = null;
  #isTraining = false;
  #goal = 0;
  #work: Promise<void> | undefined;
  /** The device that the run's values were computed on. */
  #gpu: GPUDevice | undefined;

  constructor(
    device: Device,
    report: (report: Report) => void,
    onStep: () => void,
    rebuild: (run: number) => void,
  ) {
    this.#device = device;
    this.#report = report;
    this.#onStep = onStep;
    this.#rebuild = rebuild;
  }

  /** The number of the run that is under way. */
  get id(): number | undefined {
    return this.#run?.id;
  }

  get course(): Course | undefined {
    return this.#run?.course;
  }

  /** Begins a course that was made on this device. */
  begin(id: number, course: Course, gpu: GPUDevice | undefined): void {
    const run: Run = {
      id,
      course,
      pace: new Pace(),
      inFlight: [],
      asked: 0,
      done: 0,
      settledAt: 0,
    };
    this.#run = run;
    this.#gpu = gpu;
    this.#isTraining = false;
    this.#start();
  }

  /** Trains up to a step. */
  train(goal: number): void {
    this.#isTraining = true;
    this.#goal = goal;
    this.#start();
  }

  pause(): void {
    this.#isTraining = false;
  }

  /** To be called when a lost device has been replaced: where nothing is computed, nobody else would notice. */
  restored(): void {
    if (!this.#work && this.#run && this.#isBehind) this.#goBack(this.#run);
  }

  /** Whether the device was replaced, so that variables are as they were at the last snapshot. */
  get #isBehind(): boolean {
    return this.#device.gpu !== this.#gpu;
  }

  #start(): void {
    this.#work ??= this.#turns()
      .catch((error: unknown) => this.fail(error))
      .finally(() => (this.#work = undefined));
  }

  fail(error: unknown): void {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    this.#isTraining = false;
    this.#report({ kind: "failed", run: this.#run?.id ?? 0, name, message });
  }

  async #turns(): Promise<void> {
    let losses = 0;
    for (let run = this.#run; run; run = this.#run) {
      try {
        const before = run.done;
        if (this.#isBehind) this.#goBack(run);
        if (run !== this.#run) continue;
        if (!(await this.#turn(run))) return;
        if (run.done > before) losses = 0;
      } catch (error) {
        if (!(error instanceof DeviceLostError) || ++losses > mostLosses) throw error;
        if (!this.#isBehind) await this.#replaced(error);
        this.#goBack(run);
      }
      await new Promise((resolve) => setTimeout(resolve));
    }
  }

  /** Waits for another device; throws the error where none comes. */
  #replaced(error: DeviceLostError): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(error), mostSecondsWithout * 1000);
      const end = this.#device.onRestored(() => {
        end();
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Does what comes next; false if there is nothing. */
  async #turn(run: Run): Promise<boolean> {
    const isOn = this.#isTraining && run.course.advance !== undefined;
    if (!run.kept) {
      await this.#prepare(run);
    } else if (isOn && run.asked < this.#goal && !this.#pauseDue(run)) {
      const available = run.course.available?.(run.asked) ?? Infinity;
      // What is under way is told of before anything is waited for.
      if (typeof available !== "number" && run.inFlight.length > 0) await this.#settle(run);
      else await this.#ask(run, available);
      if (run.inFlight.length >= mostInFlight) await this.#settle(run);
    } else if (run.inFlight.length > 0) {
      await this.#settle(run);
    } else if (this.#lookDue(run)) {
      await this.#look(run);
    } else if (run.kept.step !== run.done && (!isOn || run.done >= this.#goal || keepDue(run))) {
      run.kept = await this.#kept(run);
    } else {
      if (!isOn) return false;
      this.#isTraining = false;
      this.#report({ kind: "finished", run: run.id });
      return false;
    }
    return true;
  }

  /** Whether the steps under way are to be over before others are asked for. */
  #pauseDue(run: Run): boolean {
    return keepDue(run) || this.#lookDue(run);
  }

  #looked = new WeakMap<Run, number>();

  #lookDue(run: Run): boolean {
    const { course, done, asked, pace } = run;
    if (!course.look || this.#looked.get(run) === asked) return false;
    const isAt = (every: number | undefined) => every !== undefined && asked % every === 0;
    const isLast = done === asked && (!this.#isTraining || done >= this.#goal);
    return isAt(course.lookEvery) || isLast || pace.lookDue;
  }

  async #prepare(run: Run): Promise<void> {
    await run.course.ready?.();
    const kept = await this.#kept(run);
    await this.#look(run);
    // Lost before that, it is made anew: nobody has heard that it is ready.
    run.kept = kept;
    if (run !== this.#run) return;
    this.#report({ kind: "ready", run: run.id, lookEvery: run.course.lookEvery });
    this.#onStep();
  }

  async #ask(run: Run, available: number | Promise<number>): Promise<void> {
    const { course, pace, asked } = run;
    const most = await available;
    if (run !== this.#run || !this.#isTraining) return;
    const { lookEvery = Infinity } = course;
    const rest = lookEvery === Infinity ? Infinity : lookEvery - (asked % lookEvery);
    const n = pace.steps(Math.min(most, rest, this.#goal - asked));
    if (run.inFlight.length === 0) run.settledAt = now();
    const losses = course.advance!(n, asked).data<Float32Array>();
    // Whoever waits for it hears of what goes wrong; a chunk that nobody waits for any more may fail.
    losses.catch(() => {});
    run.inFlight.push({ n, losses });
    run.asked += n;
  }

  async #settle(run: Run): Promise<void> {
    const { n, losses } = run.inFlight[0];
    const values = await losses;
    run.inFlight.shift();
    const seconds = now() - run.settledAt;
    run.settledAt = now();
    run.done += n;
    run.pace.made(n, seconds);
    if (run !== this.#run) return;
    this.#report({ kind: "progress", run: run.id, losses: values, seconds });
    this.#onStep();
  }

  async #look(run: Run): Promise<void> {
    if (!run.course.look) return;
    const { done } = run;
    const start = now();
    const seen = await run.course.look();
    run.pace.looked(now() - start);
    this.#looked.set(run, done);
    if (run === this.#run) this.#report({ kind: "look", run: run.id, step: done, seen });
  }

  /** Keeps the state on the host, to go on from if the device is lost. */
  async #kept({ done: step }: Run): Promise<Kept> {
    await this.#device.snapshot();
    // What a device holds that has come meanwhile is from before.
    if (this.#isBehind) throw new DeviceLostError("the device was lost while its values were kept");
    return { step, at: now() };
  }

  /** The device was lost, and with it what came after the last snapshot. */
  #goBack(run: Run): void {
    this.#gpu = this.#device.gpu;
    const step = run.kept?.step ?? 0;
    Object.assign(run, { inFlight: [], asked: step, done: step });
    this.#looked.delete(run);
    if (run !== this.#run) return;
    this.#report({ kind: "lost", run: run.id, step });
    if (run.kept) {
      this.#onStep();
    } else {
      // Of its very first values there is no copy.
      this.#run = null;
      this.#rebuild(run.id);
    }
  }
}

const keepDue = ({ kept, done, asked }: Run) =>
  kept !== undefined && asked > 0 && kept.step !== done && now() - kept.at > snapshotEvery;
