import { batch, effect, signal } from "@preact/signals-core";
import { proxy, transfer, wrap } from "comlink";
import type { Adapter } from "../adapter.ts";
import type { Report } from "./course.ts";
import { failureWords } from "./failure.ts";
import { howToGetGpu } from "./no-gpu.ts";
import { notify } from "./notices.ts";
import type { OpenOptions, Service } from "./service.ts";
import type { Fields, Settings, Values } from "./settings.ts";
import { Speed } from "./speed.ts";
import { palette } from "./theme.ts";

/** How far a run is. */
export type Phase =
  "opening" | "preparing" | "ready" | "training" | "paused" | "finished" | "failed";

export interface RunOptions<F extends Fields> {
  worker: Worker;
  settings: Settings<F>;
  /** How many steps a run takes, once it is known how many there are from look to look. */
  length?: (settings: Values<F>, lookEvery: number | undefined) => number;
  /** What a page that is nothing without a GPU says where there is none. */
  withoutGpu?: string;
  /** Is called when a run begins: what was seen of the one before is over. */
  onBegin?: () => void;
  /** Is told all that the worker reports of the newest run. */
  onReport?: (report: Report) => void;
}

/** A worker's methods as the page calls them. */
type Calls<T> = {
  [K in keyof T]: T[K] extends (...args: infer P) => infer R
    ? (...args: P) => Promise<Awaited<R>>
    : never;
};

/** Milliseconds without a change of settings after which a run begins anew. */
const debounce = 200;

const calm = matchMedia("(prefers-reduced-motion: reduce)");

const backend = ((): OpenOptions["backend"] => {
  const asked = new URLSearchParams(location.search).get("backend");
  return asked === "cpu" || asked === "webgpu" ? asked : "auto";
})();

/** The page's half of a run: what its worker does, as signals, and what it can be asked. */
export class Run<F extends Fields, Q = never, A = unknown> {
  readonly phase = signal<Phase>("opening");
  readonly adapter = signal<Adapter | null>(null);
  readonly step = signal(0);
  /** The step at which training stops. */
  readonly goal = signal(0);
  /** Steps a second, as text. */
  readonly speed = signal("–");
  /** Pipelines made, of how many. */
  readonly prepared = signal<{ done: number; total: number } | null>(null);

  readonly #service: Calls<Service<Values<F>, Q, A>>;
  readonly #options: RunOptions<F>;
  /** Settled when there is something that computes, or none to be had. */
  readonly #opened: Promise<void>;
  readonly #canvases = new Map<string, HTMLCanvasElement>();
  readonly #sizes = signal<Readonly<Record<string, readonly [number, number]>>>({});
  #speed = new Speed();
  #id = 0;
  #lookEvery: number | undefined;
  #isWanted = !calm.matches;
  /** Whether the run is yet to begin with the settings as they will be then. */
  #isDue = true;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: RunOptions<F>) {
    this.#options = options;
    const { worker, settings } = options;
    this.#service = wrap(worker) as unknown as Calls<Service<Values<F>, Q, A>>;
    worker.addEventListener("error", ({ message }) => this.#fail(message));
    settings.onChange((change, values) => {
      if (change === "live") {
        if (!this.#isDue) void this.#service.change(values);
      } else if (change === "extend") this.#extend();
      else this.#begin(debounce);
    });
    this.#opened = this.#open();
  }

  async #open(): Promise<void> {
    try {
      this.adapter.value = await this.#service.open(
        { backend, base: document.baseURI },
        proxy((report: Report) => this.#take(report)),
        proxy(() => this.#renewCanvases()),
      );
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.adapter.value.backend === "cpu" && backend === "auto") {
      const { withoutGpu = "so the processor does it, more slowly" } = this.#options;
      notify(
        `This browser lets no page compute on a graphics card here, ${withoutGpu}. ` +
          howToGetGpu(navigator.userAgent, isSecureContext),
      );
    }
    // Colours and sizes follow the page from now on.
    effect(() => {
      const sizes = this.#sizes.value;
      void this.#service.dress({ palette: palette.value, sizes, pixelRatio: devicePixelRatio });
    });
    this.#begin(0);
  }

  /** Begins anew with the settings as they are, and goes on training if it was. */
  #begin(delay: number): void {
    clearTimeout(this.#timer);
    if (this.phase.value === "opening" || this.phase.value === "failed") {
      if (delay > 0) return;
    }
    void this.#service.pause();
    this.#id++;
    this.#isDue = true;
    this.#timer = setTimeout(() => {
      this.#speed = new Speed();
      batch(() => {
        this.phase.value = "preparing";
        this.prepared.value = null;
        this.step.value = 0;
        this.speed.value = "–";
        this.#options.onBegin?.();
      });
      this.#isDue = false;
      void this.#service.rebuild(this.#id, this.#options.settings.values);
    }, delay);
  }

  get #length(): number {
    return this.#options.length?.(this.#options.settings.values, this.#lookEvery) ?? 0;
  }

  /** Whether there is anything to train. */
  get isTraining(): boolean {
    return this.phase.value === "training";
  }

  start(): void {
    this.#isWanted = true;
    const { phase } = this;
    if (phase.value === "finished") this.goal.value += this.#length;
    if (phase.value === "preparing" || phase.value === "opening" || this.goal.value === 0) return;
    phase.value = "training";
    void this.#service.train(this.goal.value);
  }

  pause(): void {
    this.#isWanted = false;
    if (this.phase.value === "training") this.phase.value = "paused";
    void this.#service.pause();
  }

  /** Makes so many steps, and stops. */
  advance(n: number): void {
    this.#isWanted = false;
    const { phase, step } = this;
    if (!["ready", "paused", "training"].includes(phase.value)) return;
    phase.value = "training";
    void this.#service.train(step.value + n);
  }

  toggle(): void {
    if (this.isTraining) this.pause();
    else this.start();
  }

  /** Begins anew. */
  reset(): void {
    this.#begin(0);
  }

  #extend(): void {
    const { phase, goal, step } = this;
    goal.value = Math.max(this.#length, step.value);
    if (phase.value === "training") void this.#service.train(goal.value);
    else if (phase.value === "finished" || phase.value === "paused")
      phase.value = step.value < goal.value ? "paused" : "finished";
  }

  ask(question: Q): Promise<A> {
    return this.#service.ask(question);
  }

  /** What a canvas shows, as PNG. */
  picture(name: string): Promise<Blob> {
    return this.#service.picture(name);
  }

  /** Takes the GPU away, as a crash of its driver would. */
  unplug(): void {
    void this.#service.unplug();
  }

  /**
   * Has the worker draw on a canvas of the page, in the size that it has there. After a loss of the GPU another canvas
   * is in its place: whoever listens to it has to listen at what it is in.
   */
  attach(name: string, canvas: HTMLCanvasElement): void {
    this.#canvases.set(name, canvas);
    const offscreen = canvas.transferControlToOffscreen();
    const give = () => this.#service.attach(name, transfer(offscreen, [offscreen]));
    void this.#opened.then(give);
    new ResizeObserver(([{ contentRect }]) => {
      const { width, height } = contentRect;
      const size = [width, height].map((n) => Math.round(n * devicePixelRatio));
      this.#sizes.value = { ...this.#sizes.value, [name]: [size[0], size[1]] };
    }).observe(canvas);
  }

  /** Chromium shows a worker's canvas no more once the GPU's process is gone: each is replaced by another like it. */
  #renewCanvases(): void {
    for (const [name, canvas] of this.#canvases) {
      const next = canvas.cloneNode() as HTMLCanvasElement;
      canvas.replaceWith(next);
      this.attach(name, next);
    }
  }

  #take(report: Report): void {
    if (report.run !== this.#id && report.kind !== "failed") return;
    // What is told after that is of a run that nobody waits for.
    if (this.phase.value === "failed") return;
    batch(() => {
      switch (report.kind) {
        case "preparing":
          this.prepared.value = { done: report.done, total: report.total };
          break;
        case "ready":
          this.#lookEvery = report.lookEvery;
          this.goal.value = this.#length;
          this.phase.value = "ready";
          if (this.#isWanted) this.start();
          break;
        case "progress":
          this.step.value += report.losses.length;
          this.#speed.add(report.losses.length, report.seconds);
          this.speed.value = this.#speed.text;
          break;
        case "finished":
          this.phase.value = this.step.value < this.goal.value ? "paused" : "finished";
          break;
        case "lost":
          this.step.value = report.step;
          notify(
            "The GPU was lost and replaced by a new one. " +
              (this.goal.value > 0
                ? `Training goes on from step ${report.step.toLocaleString("en")}, which was kept.`
                : "All is computed anew."),
            { about: "gpu" },
          );
          break;
        case "failed":
          this.#fail(Object.assign(new Error(report.message), { name: report.name }));
      }
      this.#options.onReport?.(report);
    });
  }

  #fail(error: unknown): void {
    console.error(error instanceof Error ? error.message : error);
    this.phase.value = "failed";
    notify(`This page cannot go on. ${failureWords(error)}`, {
      label: "Reload",
      act: () => location.reload(),
      about: "gpu",
    });
  }
}
