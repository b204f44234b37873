import { random, zeros } from "cotangent";
import {
  accuracyOf,
  firstCount,
  joinDigits,
  loadDigits,
  readFrom,
  trainCount,
  type Digits,
} from "../mnist.ts";
import { Network } from "../network.ts";
import { serve } from "../site/service.ts";
import type { Values } from "../site/settings.ts";
import { stepOn, stepOnOne, whyOf } from "./model.ts";
import { side } from "./normalise.ts";
import type { Answer, Question, Seen } from "./protocol.ts";
import type { fields } from "./settings.ts";

/** The digits, as they arrive. */
interface Arriving {
  first: Promise<Digits>;
  train: Promise<Digits>;
  test: Promise<Digits>;
}

let arriving: Arriving | undefined;

/** Fetches the digits one file after the other, the ones that are needed first first. */
function fetchDigits(base: string): Arriving {
  const read = readFrom(base);
  const first = loadDigits(read, "first");
  const test = first.then(() => loadDigits(read, "test"));
  const rest = test.then(() => loadDigits(read, "rest"));
  const train = Promise.all([first, rest]).then(([a, b]) => joinDigits(a, b));
  return { first, train, test };
}

serve<Values<typeof fields>, Question, Answer>(async (settings, { base }) => {
  const { first, train, test } = (arriving ??= fetchDigits(base));
  const digits = await first;
  random.seed(settings.seed);
  const network = new Network({
    sizes: settings.network.split("-").map(Number),
    optimizer: settings.optimizer,
    learningRate: settings.rate,
  });
  const { batch } = settings;
  // So many steps on the digits that are there, whenever the others come: the same seed gives the same run.
  const early = Math.floor(firstCount / batch);
  const step = stepOn(network, digits, batch);
  const teach = stepOnOne(network, digits);
  const why = whyOf(network);
  let later: typeof step | undefined;
  const whole = train.then((all) => {
    later = stepOn(network, all, batch);
    return Infinity;
  });
  whole.catch(() => {});
  let tests: Digits | undefined;
  test.then((all) => (tests = all)).catch(() => {});
  let drawing: Float32Array | null = null;
  const classify = (image: Float32Array) => network.predict(image).data<Float32Array>();

  return {
    lookEvery: Math.floor(trainCount / batch),
    advance: (n, at) => (at < early || !later ? step : later).repeat(n)(),
    available(at) {
      if (at < early) return early - at;
      return later ? Infinity : whole;
    },
    async ready() {
      await Promise.all([step.ready(), network.predict.ready(new Float32Array(side * side))]);
    },
    change: ({ rate }) => void (network.optimizer.learningRate = rate),
    async look(): Promise<Seen> {
      if (!tests) return null;
      const probabilities = await classify(tests.images);
      return { probabilities, accuracy: accuracyOf(probabilities, tests.labels) };
    },
    async ask(question) {
      if (question.kind === "tests") return { tests: await test };
      drawing = question.image;
      if (!question.image) return {};
      if (question.kind === "teach") teach(question.image, Int32Array.of(question.label));
      return { probabilities: await classify(question.image) };
    },
    async paint(painter) {
      const values = drawing ? why(drawing) : zeros([side * side]);
      const heat = { rows: side, columns: side, range: [-1, 1], isSmooth: false } as const;
      const colors = { low: "red", middle: "card", high: "ink" } as const;
      await painter.draw("why", [{ kind: "heat", values, ...heat, ...colors }]);
      values.dispose();
    },
  };
});
