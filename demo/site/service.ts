import { DeviceError, DeviceLostError, init, type Device } from "cotangent";
import { expose } from "comlink";
import { adapterOf, type Adapter } from "../adapter.ts";
import type { Build, Course, Report } from "./course.ts";
import { Loop, mostLosses } from "./loop.ts";
import type { Look, Painter } from "./drawing.ts";
import { makePainter } from "./painter.ts";

/** Where the page's course is computed. */
export interface OpenOptions {
  /** "auto": the reference where there is no GPU. */
  backend: "auto" | "webgpu" | "cpu";
  /** The page's address. */
  base: string;
}

/** A page's worker as the page calls it. */
export interface Service<S, Q, A> {
  /** Gets what computes; `restored` is told of every device that takes the place of a lost one. */
  open(
    options: OpenOptions,
    report: (report: Report) => void,
    restored: () => void,
  ): Promise<Adapter>;
  /** Begins anew. */
  rebuild(run: number, settings: S): Promise<void>;
  /** Follows settings that need no new course. */
  change(settings: S): void;
  train(goal: number): void;
  pause(): void;
  ask(question: Q): Promise<A>;
  /** Gives a canvas to be drawn on. */
  attach(name: string, canvas: OffscreenCanvas): void;
  /** Colours and sizes to draw with. */
  dress(look: Look): void;
  /** What a canvas shows, as PNG. */
  picture(name: string): Promise<Blob>;
  /** Takes the GPU away, as a crash of its driver would. */
  unplug(): void;
}

/** A GPU if there is one. */
async function open({ backend }: OpenOptions): Promise<Device> {
  if (backend !== "auto") return init({ backend });
  return init().catch((error: unknown) => {
    if (error instanceof DeviceError) return init({ backend: "cpu" });
    throw error;
  });
}

/** The share of time that drawing may take beside training. */
const paintShare = 0.5;

/** Draws at most once a frame, and no more than its share of time; training goes on by itself. */
class Easel {
  readonly painter: Painter;
  readonly #course: () => Course | undefined;
  readonly #fail: (error: unknown) => void;
  #isAsked = false;
  #isBusy = false;
  #restUntil = 0;
  #painted = Promise.resolve();

  constructor(painter: Painter, course: () => Course | undefined, fail: (error: unknown) => void) {
    this.painter = painter;
    this.#course = course;
    this.#fail = fail;
  }

  /** Asks for a picture of how things are. */
  ask(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    requestAnimationFrame(() => this.#frame());
  }

  #frame(): void {
    if (this.#isBusy || performance.now() < this.#restUntil) {
      requestAnimationFrame(() => this.#frame());
      return;
    }
    this.#isAsked = false;
    void this.paint();
  }

  /** Resolves when all is painted as it is now; a course paints one picture at a time. */
  paint(): Promise<void> {
    this.#painted = this.#painted.then(() => this.#paint());
    return this.#painted;
  }

  async #paint(): Promise<void> {
    const course = this.#course();
    if (!course?.paint) return;
    this.#isBusy = true;
    const start = performance.now();
    try {
      await course.paint(this.painter);
    } catch (error) {
      // What went with a lost device is drawn again when there is another.
      if (!(error instanceof DeviceError)) this.#fail(error);
    }
    const end = performance.now();
    this.#restUntil = end + (end - start) * (1 / paintShare - 1);
    this.#isBusy = false;
  }
}

/** Offers a page's courses to the page; to be called by its worker. */
export function serve<S, Q = never, A = unknown>(build: Build<S, Q, A>): void {
  let device: Device;
  let loop: Loop;
  let easel: Easel;
  let tell: (report: Report) => void = () => {};
  let base = "";
  let newest = 0;
  let asked: S;

  const service: Service<S, Q, A> = {
    async open(options, report, restored) {
      tell = report;
      base = options.base;
      device = await open(options);
      loop = new Loop(
        device,
        tell,
        () => easel.ask(),
        (run) => void service.rebuild(run, asked),
      );
      easel = new Easel(
        makePainter(device),
        () => loop.course,
        (error) => loop.fail(error),
      );
      device.onRestored(() => {
        // The last snapshot may be from before the last change.
        if (loop.id === newest) loop.course?.change?.(asked as never);
        loop.restored();
        // Drawing on canvases that are not shown any more would end the frames.
        easel.painter.detach();
        restored();
      });
      return adapterOf(device);
    },
    async rebuild(run, settings) {
      newest = run;
      asked = settings;
      loop.pause();
      const { gpu } = device;
      try {
        const progress = (done: number, total: number) =>
          tell({ kind: "preparing", run, done, total });
        const course = await build(settings, { base, device, progress });
        if (run !== newest) return;
        loop.begin(run, course, gpu);
        if (asked !== settings) course.change?.(asked);
      } catch (error) {
        // What was made on a device that is gone is made again on the next.
        if (run !== newest) return;
        if (error instanceof DeviceLostError) return this.rebuild(run, asked);
        loop.fail(error);
      }
    },
    change(settings) {
      asked = settings;
      // A course that is being made hears of it when it is there; the one before cannot follow other settings.
      if (loop.id === newest) loop.course?.change?.(settings as never);
      easel.ask();
    },
    train: (goal) => loop.train(goal),
    pause: () => loop.pause(),
    async ask(question) {
      const { course } = loop;
      const answer = async (losses = 0): Promise<A> => {
        try {
          return (await course?.ask?.(question as never)) as A;
        } catch (error) {
          if (!(error instanceof DeviceError) || losses >= mostLosses) throw error;
          // A device that was lost meanwhile is a new one at the next try, with what was there before the last change.
          if (loop.id === newest) course?.change?.(asked as never);
          return answer(losses + 1);
        }
      };
      try {
        return await answer();
      } finally {
        easel.ask();
      }
    },
    attach: (name, canvas) => easel.painter.attach(name, canvas),
    dress(look) {
      easel.painter.look = look;
      easel.ask();
    },
    async picture(name) {
      const picture = easel.painter.picture(name);
      await easel.paint();
      return picture;
    },
    unplug: () => device.gpu?.destroy(),
  };
  expose(service);
}
