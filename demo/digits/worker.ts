import { DeviceLostError, init, type Device } from "cotangent";
import { adapterOf } from "../adapter.ts";
import { loadMnist, type Digits } from "../mnist.ts";
import { Pace } from "./pace.ts";
import type { BackendName, Report, Request } from "./protocol.ts";
import { Trainer } from "./trainer.ts";

const post = (report: Report): void => postMessage(report);

const snapshotEvery = 5;

/** A trainer and what goes with it. */
interface Run {
  id: number;
  trainer: Trainer;
  pace: Pace;
  /** The step that a lost device would go back to, and when it was kept; none yet. */
  kept?: { step: number; at: number };
}

let device: Device;
let digits: { train: Digits; test: Digits };
let current: Run;
let training = false;
let goal = 0;
let work: Promise<void> | undefined;

async function open(backend: BackendName, data: string): Promise<void> {
  device = await init({ backend });
  digits = await loadMnist(async (name) => {
    const response = await fetch(new URL(name, data));
    if (!response.ok) throw new Error(`${name}: the server answers ${response.status}`);
    return response.arrayBuffer();
  });
  post({ kind: "opened", adapter: adapterOf(device), test: digits.test });
}

async function timed<T>(action: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const start = performance.now();
  const result = await action();
  return { result, seconds: (performance.now() - start) / 1000 };
}

async function examine({ id, trainer, pace }: Run): Promise<void> {
  const { step } = trainer;
  const { result, seconds } = await timed(() => trainer.examine());
  pace.examined(seconds);
  if (id === current.id) post({ kind: "exam", run: id, step, ...result });
}

/** Some steps, and an exam when it is time for one. */
async function advance(run: Run): Promise<void> {
  const { id, trainer, pace } = run;
  const rest = trainer.stepsPerEpoch - (trainer.step % trainer.stepsPerEpoch);
  const n = pace.steps(Math.min(rest, goal - trainer.step));
  const { result: losses, seconds } = await timed(() => trainer.advance(n));
  pace.made(n, seconds);
  if (id !== current.id) return;
  post({ kind: "progress", run: id, losses, seconds });
  if (n === rest || trainer.step === goal || pace.examDue) await examine(run);
}

/** Keeps the state on the host, to go on from if the device is lost. */
async function keep(run: Run): Promise<void> {
  const { step } = run.trainer;
  await device.snapshot();
  run.kept = { step, at: performance.now() / 1000 };
}

/** The device was lost, and with it what came after the last snapshot. */
function goBack({ id, trainer }: Run, step: number): void {
  trainer.step = step;
  post({ kind: "lost", run: id, step });
}

const keepDue = ({ kept }: Run) => !kept || performance.now() / 1000 - kept.at > snapshotEvery;

/** Trains as long as it is to, and then rests; messages are answered between two turns. */
async function turns(): Promise<void> {
  let failures = 0;
  for (let run = current; ; run = current) {
    try {
      if (!run.kept) await examine(run);
      else if (training && run.trainer.step < goal) await advance(run);
      else if (run.kept.step !== run.trainer.step) await keep(run);
      else return;
      if (keepDue(run)) await keep(run);
      failures = 0;
    } catch (error) {
      if (!(error instanceof DeviceLostError) || !run.kept || ++failures > 2) throw error;
      goBack(run, run.kept.step);
    }
    await new Promise((resolve) => setTimeout(resolve));
  }
}

/** Classifies a drawing; a device that was lost meanwhile is a new one at the second try. */
async function classify(image: Float32Array<ArrayBuffer>): Promise<void> {
  const { trainer } = current;
  const probabilities = await trainer.classify(image).catch((error: unknown) => {
    if (error instanceof DeviceLostError) return trainer.classify(image);
    throw error;
  });
  post({ kind: "classified", probabilities });
}

const startWork = (): void => {
  work ??= turns()
    .catch(fail)
    .finally(() => (work = undefined));
};

function fail(error: unknown): void {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  post({ kind: "failed", name, message });
}

async function answer(request: Request): Promise<void> {
  switch (request.kind) {
    case "open":
      return open(request.backend, request.data);
    case "reset": {
      training = false;
      const trainer = new Trainer(request.settings, digits.train, digits.test);
      current = { id: request.run, trainer, pace: new Pace() };
      post({ kind: "ready", run: request.run, stepsPerEpoch: trainer.stepsPerEpoch });
      return startWork();
    }
    case "train":
      training = true;
      goal = request.steps;
      return startWork();
    case "pause":
      training = false;
      return;
    case "rate":
      current.trainer.learningRate = request.rate;
      return;
    case "classify":
      return classify(request.image);
    case "unplug":
      device.gpu?.destroy();
      // Nobody else would notice.
      if (!work) goBack(current, current.trainer.step);
  }
}

addEventListener("message", ({ data }: MessageEvent<Request>) => {
  answer(data).catch(fail);
});
