import { compile, concat, iota, random, tensor, where, type Tensor } from "cotangent";
import type { Heat, Links, Painter, Points } from "../site/drawing.ts";
import { serve } from "../site/service.ts";
import type { Values } from "../site/settings.ts";
import { cornerOf, layout, legible, type Block } from "./layout.ts";
import { contest, features, Pool, scoreOf } from "./model.ts";
import { edge, formatPainted, mostPainted } from "./painted.ts";
import type { Answer, Place, Question, Seen } from "./protocol.ts";
import { hasHeights, samples } from "./samples.ts";
import { allInputs, type fields } from "./settings.ts";

const view = { x: [-edge, edge], y: [-edge, edge] } as const;

/** More points than these would cover each other. */
const mostShown = { train: 600, test: 300 };

/** Links between layers are drawn while there are so few that one can be told from another. */
const mostLinks = 600;

/** Places of each input and unit in the pictures, [rows · columns, 1]: fewer where many units are computed. */
function places(units: number) {
  const grid = units > 300 ? 40 : 72;
  const at = (i: number) => -edge + ((i + 0.5) / grid) * 2 * edge;
  const all = (of: (k: number) => number) =>
    tensor(
      Float32Array.from({ length: grid * grid }, (_, k) => at(of(k))),
      [grid * grid, 1],
    );
  const x1 = all((k) => k % grid);
  return { grid, x1, x2: all((k) => grid - 1 - Math.floor(k / grid)) };
}

/** The pictures of a layer's units, [units, places], each between −1 and 1. */
function pictures(values: Tensor): Tensor {
  const most = values.abs().max(0, { keepDims: true });
  return values.div(most.maximum(1e-6)).transpose();
}

/** At most so many points, of kinds 0 and 1 or in between. */
function shown(points: Float32Array, most: number, heights: boolean): Tensor | null {
  const some = points.slice(0, 3 * most);
  if (some.length === 0) return null;
  if (heights) for (let i = 2; i < some.length; i += 3) some[i] = (some[i] + 1) / 2;
  return tensor(some, [some.length / 3, 3]);
}

/** What the points follow from while a network learns them. */
const keyOf = ({ noise, tested, seed, painted }: Values<typeof fields>) =>
  [noise, tested, seed, formatPainted(painted)].join(" ");

/** The squares of a block as the tiles of a picture. */
const framed = ({ left, top, across, pitch, side, count }: Block) => ({
  frame: [left, top, across * pitch, Math.ceil(count / across) * pitch] as const,
  tiles: count,
  across,
  gap: pitch - side,
});

const colors = { low: "blush", middle: "card", high: "wash" } as const;

serve<Values<typeof fields>, Question, Answer>((settings, { progress }) => {
  random.seed(settings.seed);
  let now = settings;
  let looked: Place | null = null;
  const heights = hasHeights(settings.data);
  const capacity = settings.count + mostPainted;
  const [train, test] = [new Pool(capacity), new Pool(capacity)];
  let points: { train: Tensor | null; test: Tensor | null };
  const fill = () => {
    const parts = samples(now);
    train.fill(parts.train);
    test.fill(parts.test);
    points = {
      train: shown(parts.train, mostShown.train, heights),
      test: shown(parts.test, mostShown.test, heights),
    };
  };
  fill();

  const both = contest(train, { ...settings, heights });
  const score = scoreOf(both, [train, test], heights);
  const units = settings.layers.reduce((sum, n) => sum + n, 0);
  const { grid, x1, x2 } = places(units);
  const map = compile(function map() {
    const all = both.outputs(x1, x2);
    return {
      inputs: pictures(
        concat(
          allInputs.map((name) => features[name](x1, x2)),
          1,
        ),
      ),
      hidden: all.slice(0, -1).map(pictures),
      answers: both.answers(x1, x2),
      weights: both.layers.map(({ weight }) => weight.mul(1)),
    };
  });
  const counts = [allInputs.length, ...settings.layers, 1];

  return {
    advance: (n) => both.step.repeat(n)(),
    async ready() {
      let done = 0;
      for (const each of [both.step, map, score]) {
        progress(done++, 3);
        await each.ready();
      }
    },
    change(settings) {
      const isSame = keyOf(settings) === keyOf(now);
      now = settings;
      both.optimizer.learningRate = settings.rate;
      both.strength.assign(tensor(settings.strength));
      if (!isSame) fill();
    },
    async look(): Promise<Seen> {
      const s = await score().data<Float32Array>();
      const at = (i: number) => ({ loss: s[i], right: s[i + 1] });
      return { train: at(0), lineTrain: at(2), test: at(4), lineTest: at(6) };
    },
    async ask(question) {
      if (question.kind === "look") {
        looked = question.place;
        return undefined;
      }
      const { layer, unit } = question.place;
      const { weight, bias } = both.layers[layer - 1];
      if (!bias) return undefined;
      if (question.kind === "set") {
        const { i, value } = question;
        const [changed, at] = i === 0 ? [bias, unit] : [weight, (i - 1) * weight.shape[1] + unit];
        // On the device, so that no step in between is undone.
        changed.assign(where(iota(changed.shape).equal(at), value, changed));
      }
      const all = await Promise.all([
        bias.slice([unit], [unit + 1]).data<Float32Array>(),
        weight.slice([0, unit], [weight.shape[0], unit + 1]).data<Float32Array>(),
      ]);
      return Float32Array.from(all.flatMap((values) => [...values]));
    },
    async paint(painter) {
      const { inputs, hidden, answers, weights } = map();
      const [answer, ofLine] = answers;
      const picture = (values: Tensor, isAnswer: boolean, first = 0): Heat => ({
        kind: "heat",
        values,
        rows: grid,
        columns: grid,
        first,
        range: isAnswer && !heights ? [0, 1] : [-1, 1],
        isLogit: isAnswer && !heights,
        isSmooth: true,
        isDiscrete: now.steps,
        ...colors,
      });
      const dots = (values: Tensor | null, radius: number, rim: Points["rim"]): Points[] =>
        values ? [{ kind: "points", values, view, radius, colors: ["red", "ink"], rim }] : [];
      const all = (radius: number) => [
        ...dots(points.train, radius, "card"),
        ...dots(now.tests ? points.test : null, radius, "text"),
      ];
      const tiles = [inputs, ...hidden, answer];
      const { layer, unit } = looked ?? { layer: tiles.length - 1, unit: 0 };
      const isAnswer = layer >= tiles.length - 1;
      const enlarged = isAnswer ? picture(answer, true) : picture(tiles[layer], false, unit);
      const network = blocks(painter).map((block, i) => ({
        ...picture(tiles[i], i === tiles.length - 1),
        ...framed(block),
        line: block.side < legible ? 0 : block.side / 44,
      }));
      // All at once: each would wait for the training in between.
      await Promise.all([
        painter.draw("answer", [enlarged, ...all(3)]),
        painter.draw("line", [picture(ofLine, true), ...all(1.5)]),
        painter.draw("network", [...links(painter, weights), ...network]),
      ]);
      for (const each of [...tiles, ofLine, ...weights]) each.dispose();
    },
  };

  function blocks({ look }: Painter): Block[] {
    const [width, height] = (look.sizes["network"] ?? [0, 0]).map((n) => n / look.pixelRatio);
    return layout(width, height, counts);
  }

  /** Lines from unit to unit, each as thick as its weight is large. */
  function links(painter: Painter, weights: readonly Tensor[]): Links[] {
    const all = blocks(painter);
    const ends = (block: Block, at: number, i: number) => {
      const { left, top } = cornerOf(block, i);
      return [left + at * block.side, top + block.side / 2] as const;
    };
    return weights.flatMap((values, l) => {
      const isSmall = Math.min(all[l].side, all[l + 1].side) < legible;
      if (isSmall || values.size > mostLinks) return [];
      const used = l === 0 ? settings.inputs.map((name) => allInputs.indexOf(name)) : null;
      const from = Array.from(used ?? Array(all[l].count).keys(), (i) => ends(all[l], 1, i));
      const to = Array.from({ length: all[l + 1].count }, (_, i) => ends(all[l + 1], 0, i));
      return [{ kind: "links", values, from, to, negative: "red", positive: "ink", width: 1.6 }];
    });
  }
});
