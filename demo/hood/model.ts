import {
  compile,
  data,
  nn,
  optim,
  random,
  tensor,
  variable,
  type Compiled,
  type Device,
  type Tensor,
} from "cotangent";
import { activations } from "../activations/list.ts";
import { depths } from "../activations/model.ts";
import { valueAt } from "../approximation/curve.ts";
import { network } from "../approximation/model.ts";
import { placeFor } from "../derivatives/expression.ts";
import { formulaOf } from "../derivatives/functions.ts";
import { examples } from "../derivatives/formula-settings.ts";
import { gradients, inputsAt, many } from "../derivatives/model.ts";
import { expressionOf, readExpression } from "../derivatives/read.ts";
import { stepOn } from "../digits/model.ts";
import { model } from "../index/model.ts";
import { loadDigits, pixels, readFrom, type Digits } from "../mnist.ts";
import { Network } from "../network.ts";
import { contest, Pool } from "../playground/model.ts";
import { mostPainted } from "../playground/painted.ts";
import { hasHeights, samples } from "../playground/samples.ts";
import { names } from "../activations/settings.ts";
import { recipes } from "../recipes/list.ts";
import { batchSize, stepOf } from "../recipes/recipes.ts";
import { contest as sineAgainstRelu } from "../siren/model.ts";
import { taskOf } from "../siren/task.ts";
import { settingsOf, type NetworkName } from "./networks.ts";

/** What is looked into: a step of some network, made by the program of its own page. */
export interface Subject {
  /** What a step is, and of what. */
  what: "One training step" | "One pass forward and back" | "The gradient";
  name: string;
  step: Compiled<Tensor[], Tensor | Tensor[]>;
  /** What it is called with. */
  args: readonly Tensor[];
}

/** What a network is made with. */
interface Context {
  /** The settings of its page, as the page's link has them. */
  link: string;
  /** The site's address. */
  base: string;
  /** What computes. */
  info: Device["info"];
}

const trained = (name: string, step: Subject["step"], ...args: Tensor[]): Subject => ({
  what: "One training step",
  name,
  step,
  args,
});

/** Digits enough for a few batches. */
const someDigits = (base: string): Promise<Digits> => loadDigits(readFrom(base), "first");

/** Two convolutions and a linear layer that read digits. */
function convolutions({ images, labels }: Digits) {
  const features = nn.sequential(
    nn.conv2d(1, 8, 3, { padding: "same" }),
    nn.relu(),
    nn.conv2d(8, 16, 3, { stride: 2 }),
    nn.relu(),
  );
  const head = nn.linear(16 * 13 * 13, 10);
  const adam = optim.adam([...features.parameters(), ...head.parameters()]);
  const set = data.dataset({ x: tensor(images, [labels.length, 1, 28, 28]), y: labels });
  const batches = data.resident(set, { batchSize: 32, shuffle: true });
  return compile(function trainingStep() {
    const { x, y } = batches.next();
    const loss = nn.softmaxCrossEntropy(head.forward(nn.flatten().forward(features.forward(x))), y);
    adam.minimize(loss);
    return loss;
  });
}

/** Places at which a curve is approximated on its page. */
const places = Float32Array.from({ length: 256 }, (_, i) => i / 255);

const optimizerNames = { adam: "Adam", sgd: "plain SGD" } as const;

const makers: Record<NetworkName, (context: Context) => Subject | Promise<Subject>> = {
  async digits({ link, base }) {
    const { network: sizes, optimizer, rate, batch } = settingsOf("digits", link);
    const digits = await someDigits(base);
    const made = new Network({
      sizes: sizes.split("-").map(Number),
      optimizer,
      learningRate: rate,
    });
    return trained(sizes, stepOn(made, digits, batch));
  },
  index({ link }) {
    const settings = settingsOf("index", link);
    return trained(`2-${settings.units}-${settings.units}-1`, model(settings).step);
  },
  playground({ link }) {
    const settings = settingsOf("playground", link);
    const train = new Pool(settings.count + mostPainted);
    train.fill(samples(settings).train);
    const { step } = contest(train, { ...settings, heights: hasHeights(settings.data) });
    return trained([settings.inputs.length, ...settings.layers, 1].join("-"), step);
  },
  approximation({ link }) {
    const settings = settingsOf("approximation", link);
    const curve = places.map((at) => valueAt(settings.curve, at));
    const target = variable(tensor(curve), { trainable: false });
    const { units } = settings;
    return trained(
      `${units} ${units === 1 ? "sigmoid" : "sigmoids"}`,
      network(tensor(places), target, settings).step,
    );
  },
  siren({ link, info }) {
    const { picture, design } = taskOf(settingsOf("siren", link), info);
    const hidden = Array.from({ length: design.layers }, () => design.width);
    const { step } = sineAgainstRelu(picture, design);
    return trained(`two networks ${[2, ...hidden, 1].join("-")}`, step);
  },
  activations({ link }) {
    const { activation, init } = settingsOf("activations", link);
    const step = depths(activations[activation], init);
    const name = `20 layers of ${names[activation]}`;
    return { what: "One pass forward and back", name, step, args: [] };
  },
  derivatives({ link }) {
    const { formula, at } = settingsOf("derivatives", link);
    // A link may hold what cannot be read.
    const given = readExpression(formula).expression;
    const { lecture } = examples;
    const expression = given ?? expressionOf(lecture.formula, lecture.at.length);
    const args = inputsAt(placeFor(expression, given ? at : lecture.at));
    const name = `${given ? formula : lecture.formula} at ${many.toLocaleString("en")} places`;
    const step = gradients(formulaOf(expression), args.length);
    return { what: "The gradient", name, step, args };
  },
  async validate({ link, base }) {
    const { sizes, optimizer, learningRate } = recipes[settingsOf("validate", link).recipe];
    const { images, labels } = await someDigits(base);
    const x = tensor(images.slice(0, batchSize * pixels), [batchSize, pixels]);
    const y = tensor(labels.slice(0, batchSize));
    const step = stepOf(new Network({ sizes, optimizer, learningRate }));
    return trained(`${sizes.join("-")} by ${optimizerNames[optimizer]}`, step, x, y);
  },
  async convolution({ base }) {
    return trained("two convolutions", convolutions(await someDigits(base)));
  },
};

/** The network of a page. */
export async function subjectOf(net: NetworkName, context: Context): Promise<Subject> {
  random.seed(1);
  return makers[net](context);
}

/** Numbers that repetitions of a step may give. */
const mostResults = 2 ** 22;

/** Milliseconds of a step, as a program that waits for many of them sees it. */
export async function wallTime({ step, args }: Subject): Promise<number> {
  let size = 1;
  const run = async (n: number) => {
    const start = performance.now();
    const results = [step.repeat(n)(...args)].flat();
    // Reading a corner waits for all of it.
    const corner = results[0].reshape([-1]).slice([0], [1]);
    await corner.data();
    size = results.reduce((sum, result) => sum + result.size, 0);
    for (const each of [...results, corner]) each.dispose();
    return performance.now() - start;
  };
  // Has the kernels made that run fastest; the first steps may have others.
  await step.profile(...args);
  await run(1);
  const once = await run(1);
  const n = Math.max(1, Math.min(Math.round(100 / once), 200, Math.floor(mostResults / size)));
  const start = performance.now();
  let least = Infinity;
  // Whatever else the machine does makes some of them longer.
  for (let runs = 0; runs < 3 || performance.now() - start < 600; runs++)
    least = Math.min(least, (await run(n)) / n);
  return least;
}

/** Milliseconds of each program, the mean of a few runs; null where the GPU tells none. */
export async function programTimes(
  { step, args }: Subject,
  isReference: boolean,
): Promise<number[] | null> {
  const start = performance.now();
  const sums: number[] = [];
  let runs = 0;
  const { clock } = await step.profile(...args);
  if (clock === "host" && !isReference) return null;
  // GPUs' clocks may be coarse, or be made so by the browser: the mean of many runs is finer.
  while (runs < 40 && (runs === 0 || performance.now() - start < 700)) {
    const { dispatches } = await step.profile(...args);
    dispatches.forEach(({ milliseconds }, i) => (sums[i] = (sums[i] ?? 0) + milliseconds));
    runs++;
  }
  return sums.map((sum) => sum / runs);
}
