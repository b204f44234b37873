import { compile, concat, random, tensor, type Tensor } from "cotangent";
import type { Heat, Painter } from "../site/drawing.ts";
import { channels } from "../site/palette.ts";
import { serve } from "../site/service.ts";
import type { Values } from "../site/settings.ts";
import { contest } from "./model.ts";
import { decibels, differences, mostOf } from "./picture.ts";
import type { Seen } from "./protocol.ts";
import { viewNames, type fields, type View } from "./settings.ts";
import { taskOf } from "./task.ts";

/** Places at once: with 256 units, what a Laplacian holds of so many is some 200 MB. */
const mostAtOnce = 16384;

const views = Object.keys(viewNames) as View[];

serve<Values<typeof fields>>((settings, { device, progress }) => {
  random.seed(1);
  let now = settings;
  const { picture, design } = taskOf(settings, device.info);
  const n = picture.values.length;
  const both = contest(picture, design);

  const tile = Math.min(n, mostAtOnce);
  const tiles = Math.ceil(n / tile);
  const join = compile((...parts: Tensor[]) => concat(parts, 1).slice([0, 0], [2, n]));
  const known = new Map<View, ReturnType<typeof both.show>>();
  const programOf = (view: View) => {
    const made = known.get(view) ?? both.show(view, tile);
    known.set(view, made);
    return made;
  };
  const readyFor = (view: View) => () => programOf(view).ready(0);
  /** A view of both networks at all pixels, [2, n]. */
  const shown = (view: View) => {
    const parts = Array.from({ length: tiles }, (_, i) => programOf(view)(i * tile));
    if (tiles === 1) return parts[0];
    const all = join(...parts);
    for (const part of parts) part.dispose();
    return all;
  };
  /** What is shown, and whether nothing but the line between the networks has moved since. */
  let last: { view: View; values: Tensor } | undefined;
  let isWiped = false;
  const errors = compile((image: Tensor) => image.sub(both.shades).square().mean(1));

  const { gradient, laplacian } = differences(picture);
  const truth: Record<View, Tensor> = {
    image: both.shades,
    gradient: tensor(gradient),
    laplacian: tensor(laplacian),
  };
  const most = { gradient: mostOf(gradient), laplacian: mostOf(laplacian) };
  /** Shades in the theme's own colours, a gradient as pencil on paper, a Laplacian in ink and red. */
  const colorsOf = (
    view: View,
    { look }: Painter,
  ): Pick<Heat, "low" | "middle" | "high" | "range"> => {
    if (view === "gradient") return { low: "card", high: "text", range: [0, most.gradient] };
    if (view === "laplacian") {
      const range = [-most.laplacian, most.laplacian] as const;
      return { low: "red", middle: "card", high: "ink", range };
    }
    const [text, card] = [look.palette.text, look.palette.card].map((color) =>
      channels(color).reduce((a, b) => a + b),
    );
    // On a blackboard the writing is what is light.
    const [low, high] = text < card ? (["text", "card"] as const) : (["card", "text"] as const);
    return { low, high, range: [-1, 1] };
  };

  return {
    advance: (n) => both.step.repeat(n)(),
    async ready() {
      const needed = [() => both.step.ready(), ...(["image", now.view] as const).map(readyFor)];
      for (const [done, ready] of needed.entries()) {
        progress(done, needed.length);
        await ready();
      }
      // What is looked at later is then there at once; if not, it is made when it is.
      void Promise.all(views.map((view) => readyFor(view)())).catch(() => {});
    },
    change(settings) {
      isWiped = settings.view === now.view && settings.wipe !== now.wipe;
      now = settings;
      both.optimizer.learningRate = settings.rate;
    },
    async look(): Promise<Seen> {
      const image = shown("image");
      const error = errors(image);
      const [sine, relu] = (await error.data<Float32Array>()).map(decibels);
      image.dispose();
      error.dispose();
      const { width, height } = picture;
      return { width, height, units: design.width, batch: design.batch, most, sine, relu };
    },
    async paint(painter) {
      const { view, wipe } = now;
      // Who drags the line is shown the same networks again: the picture keeps up with the hand.
      if (!isWiped || last?.view !== view) {
        last?.values.dispose();
        last = { view, values: shown(view) };
      }
      isWiped = false;
      const { values } = last;
      const grid = { kind: "heat", rows: picture.height, columns: picture.width } as const;
      const look = { ...grid, ...colorsOf(view, painter), isSmooth: true, line: 0 };
      const share = wipe / 100;
      await painter.draw("wipe", [
        { ...look, values, first: 0, clip: [0, share] },
        { ...look, values, first: 1, clip: [share, 1] },
      ]);
      await painter.draw("truth", [{ ...look, values: truth[view] }]);
    },
  };
});
