import { init, iota, random, tensor, type Tensor } from "cotangent";
import { beforeEach, expect, test } from "vitest";
import {
  contest,
  placesOf,
  reluNetwork,
  sineNetwork,
  views,
  type Net,
} from "../../demo/siren/model.ts";
import {
  decibels,
  differences,
  fitted,
  greyOf,
  mostOf,
  reduced,
} from "../../demo/siren/picture.ts";
import { pictureAmong } from "../../demo/siren/own.ts";
import { scene } from "../../demo/siren/scene.ts";
import { chosen, fields, suited } from "../../demo/siren/settings.ts";
import { Settings } from "../../demo/site/settings.ts";

const design = { layers: 3, width: 16, omega: 30, rate: 1e-3, batch: 64 };

beforeEach(async () => {
  await init({ backend: "cpu" });
  random.seed(3);
});

const numbers = async (x: Tensor) => [...(await x.data({ dtype: "float64" }))];

/** Places that no pixel is at, [n, 2], and what a network makes of them when they are moved. */
async function around(net: Net, h: number) {
  const places = random.uniform([40, 2], { min: -1, max: 1 });
  await places.data();
  const moved = (x: number, y: number) => numbers(net(places.add(tensor([x, y]))));
  const [here, right, left, down, up] = await Promise.all(
    [
      [0, 0],
      [h, 0],
      [-h, 0],
      [0, h],
      [0, -h],
    ].map(([x, y]) => moved(x, y)),
  );
  return { places, here, right, left, down, up };
}

const distance = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]))) / Math.max(...b.map(Math.abs), 1);

test("gradient and Laplacian of both networks are those that central differences find", async () => {
  for (const make of [sineNetwork, reluNetwork]) {
    const { net } = make(design);
    const h = 1e-4;
    const { places, here, right, left, down, up } = await around(net, h);
    const gradient = right.map((_, i) => Math.hypot(right[i] - left[i], down[i] - up[i]) / (2 * h));
    expect(distance(await numbers(views.gradient(net)(places)), gradient)).toBeLessThan(1e-4);
    const laplacian = await numbers(views.laplacian(net)(places));
    if (make === sineNetwork) {
      const second = here.map((at, i) => (right[i] + left[i] + down[i] + up[i] - 4 * at) / (h * h));
      expect(Math.max(...second.map(Math.abs))).toBeGreaterThan(10);
      expect(distance(laplacian, second)).toBeLessThan(1e-4);
    } else {
      expect(laplacian.every((value) => value === 0)).toBe(true);
    }
  }
});

test("both begin as their papers have it: sines at every depth see inputs of one size", async () => {
  const wide = { ...design, width: 256, layers: 4 };
  const { layers } = sineNetwork(wide);
  for (const [i, { weight }] of layers.entries()) {
    const w = await numbers(weight);
    const limit = i === 0 ? 1 / 2 : Math.sqrt(6 / 256) / 30;
    expect(Math.max(...w.map(Math.abs))).toBeLessThanOrEqual(limit);
    const variance = w.reduce((sum, x) => sum + x * x, 0) / w.length;
    // A uniform one has a third of its limit's square.
    expect((3 * variance) / limit ** 2).toBeCloseTo(1, i === 0 || i === 4 ? 0 : 1);
  }
  // ω₀ (x W + b) has a standard deviation of about 1 behind each layer of sines, however deep.
  let x: Tensor = random.uniform([200, 2], { min: -1, max: 1 });
  for (const [i, layer] of layers.slice(0, 4).entries()) {
    const sums = layer.forward(x).mul(30);
    const deviation = await sums.square().mean().sqrt().item();
    if (i > 0) {
      expect(deviation).toBeGreaterThan(0.8);
      expect(deviation).toBeLessThan(1.6);
    }
    x = sums.sin();
  }
  const [, hidden] = reluNetwork(wide).layers;
  const squares = (await numbers(hidden.weight)).reduce((sum, w) => sum + w * w, 0);
  expect((squares / 256 ** 2) * (256 / 2)).toBeCloseTo(1, 1);
});

test("places are pixels' middles, alike along x and y, and views of all of them come in tiles", async () => {
  const size = { width: 4, height: 2 };
  const places = await placesOf(iota([8]).cast("float32"), size).array();
  expect(places).toEqual([
    [-0.75, -0.25],
    [-0.25, -0.25],
    [0.25, -0.25],
    [0.75, -0.25],
    [-0.75, 0.25],
    [-0.25, 0.25],
    [0.25, 0.25],
    [0.75, 0.25],
  ]);
  const picture = { ...size, values: new Float32Array(8).fill(0.5) };
  const { show, sine, relu } = contest(picture, design);
  const at = placesOf(iota([8]).cast("float32"), size);
  const both = [...(await numbers(sine.net(at))), ...(await numbers(relu.net(at)))];
  const tile = show("image", 5);
  const [first, rest] = [await numbers(tile(0)), await numbers(tile(5))];
  const joined = [0, 1].flatMap((net) => [
    ...first.slice(5 * net, 5 * net + 5),
    ...rest.slice(5 * net, 5 * net + 3),
  ]);
  expect(distance(joined, both)).toBeLessThan(1e-12);
});

test("the same training, step for step: sine has the picture, ReLU its large shapes", async () => {
  const picture = scene(16);
  const n = picture.values.length;
  const both = contest(picture, { ...design, batch: 1000 });
  const likeness = async () => {
    const image = await numbers(both.show("image", n)(0));
    return [0, 1].map((net) => {
      const squares = picture.values.map((value, i) => (image[n * net + i] - value) ** 2);
      return decibels(squares.reduce((a, b) => a + b) / n);
    });
  };
  const [sineBefore, reluBefore] = await likeness();
  await both.step.repeat(60)().data();
  const [sine, relu] = await likeness();
  expect(sine).toBeGreaterThan(sineBefore + 10);
  expect(relu).toBeGreaterThan(reluBefore);
  expect(sine).toBeGreaterThan(relu + 5);
});

test("a picture keeps its shape when it is made to fit, and grows by nothing", () => {
  expect(fitted({ width: 4000, height: 3000 }, 128)).toEqual({ width: 128, height: 96 });
  expect(fitted({ width: 30, height: 500 }, 100)).toEqual({ width: 6, height: 100 });
  expect(fitted({ width: 5, height: 3 }, 64)).toEqual({ width: 5, height: 3 });
  expect(fitted({ width: 100_000, height: 1 }, 256)).toEqual({ width: 256, height: 1 });
});

test("transparency is laid on white, and colours are as light as they look", () => {
  const rgba = [0, 0, 0, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 51, 0, 255, 0, 255];
  const { values } = greyOf(rgba, { width: 5, height: 1 });
  [-1, 1, 1, 0.6, 2 * 0.7152 - 1].forEach((shade, i) => expect(values[i]).toBeCloseTo(shade, 6));
});

test("a pixel of a smaller picture is the mean of what it covers, in any ratio", () => {
  const quarter = { width: 4, height: 2, values: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7) };
  expect(reduced(quarter, 2)).toEqual({ width: 2, height: 1, values: Float32Array.of(2.5, 4.5) });
  expect(reduced(quarter, 4)).toBe(quarter);
  const three = { width: 3, height: 1, values: Float32Array.of(3, 6, 9) };
  const two = reduced(three, 2).values;
  expect(two[0]).toBeCloseTo((3 + 6 / 2) / 1.5, 6);
  expect(two[1]).toBeCloseTo((6 / 2 + 9) / 1.5, 6);
  // What is even stays even, to the last pixel.
  const even = reduced(
    { width: 251, height: 97, values: new Float32Array(251 * 97).fill(0.25) },
    64,
  );
  expect([even.width, even.height]).toEqual([64, 25]);
  for (const value of even.values) expect(value).toBeCloseTo(0.25, 6);
});

test("differences of pixels are exact for what is quadratic, away from the edge", () => {
  const [width, height] = [16, 9];
  const h = 2 / width;
  // f = 3x² + y² − xy: ∇f = (6x − y, 2y − x), Δf = 8.
  const values = Float32Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [(i % width) * h, Math.floor(i / width) * h];
    return 3 * x * x + y * y - x * y;
  });
  const { gradient, laplacian } = differences({ width, height, values });
  for (let row = 1; row < height - 1; row++)
    for (let column = 1; column < width - 1; column++) {
      const [x, y] = [column * h, row * h];
      const i = row * width + column;
      expect(laplacian[i]).toBeCloseTo(8, 3);
      expect(gradient[i]).toBeCloseTo(Math.hypot(6 * x - y, 2 * y - x), 4);
    }
  const flat = differences({ width: 1, height: 1, values: Float32Array.of(0.3) });
  expect([...flat.gradient, ...flat.laplacian].every((value) => value === 0)).toBe(true);
  expect(mostOf(flat.laplacian)).toBeGreaterThan(0);
  expect(mostOf(Float32Array.of(0, 0, 0, 0, 0, 0, 0, -8))).toBe(2);
});

test("the page's own picture has black, white and shades between at every size", () => {
  for (const side of [48, 64, 128]) {
    const { width, height, values } = scene(side);
    expect([width, height, values.length]).toEqual([side, side, side * side]);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    expect(low).toBeGreaterThanOrEqual(-1);
    expect(low).toBeLessThan(-0.7);
    expect(high).toBeLessThanOrEqual(1);
    expect(high).toBeGreaterThan(0.9);
    expect(new Set(values.map((value) => Math.round(20 * value))).size).toBeGreaterThan(30);
  }
});

test("of several files the picture is taken, and of none nothing", () => {
  const [text, png] = [{ type: "text/plain" }, { type: "image/png" }] as File[];
  expect(pictureAmong([text, png])).toBe(png);
  expect(pictureAmong([text])).toBe(text);
  expect(pictureAmong([])).toBeUndefined();
});

test("a link holds all but a picture of one's own, and every change of that is one", () => {
  const settings = new Settings(fields, "#view=laplacian&size=96&image=own-3&omega=5");
  expect(settings.values).toMatchObject({ view: "laplacian", size: "96", image: null, omega: 5 });
  const heard: string[] = [];
  settings.onChange((effect) => heard.push(effect));
  for (const id of [1, 2]) settings.set({ image: { ...scene(2), id } });
  settings.set({ wipe: 30 });
  expect(heard).toEqual(["rebuild", "rebuild", "live"]);
  expect(settings.link).toBe("#view=laplacian&wipe=30&image=own-2&size=96&omega=5");
});

test("what is computed by default suits the machine; what is chosen is chosen", () => {
  const software = suited({ backend: "webgpu", isFallback: true });
  const gpu = suited({ backend: "webgpu", isFallback: false });
  const processor = suited({ backend: "cpu", isFallback: false });
  for (const key of ["size", "width", "batch"] as const) {
    expect(processor[key]).toBeLessThanOrEqual(software[key]);
    expect(software[key]).toBeLessThan(gpu[key]);
  }
  expect(chosen("auto", gpu.size)).toBe(gpu.size);
  expect(chosen("96", gpu.size)).toBe(96);
});
