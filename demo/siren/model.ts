import {
  compile,
  gather,
  grad,
  iota,
  jvp,
  nn,
  optim,
  random,
  stack,
  tensor,
  type Tensor,
} from "cotangent";
import { spacing, type Grey, type Size } from "./picture.ts";

export interface Design {
  /** Hidden layers, and units in each. */
  layers: number;
  width: number;
  /** ω₀, the factor in the sines. */
  omega: number;
  rate: number;
  /** Pixels in a step. */
  batch: number;
}

/** A network from places (x, y), [n, 2], to their shades, [n]. */
export type Net = (places: Tensor) => Tensor;

/** Linear layers from a place to a shade, with an activation between each two. */
function network(
  { layers, width }: Design,
  weightInit: (layer: number) => nn.init.Initializer,
  activate: (sums: Tensor) => Tensor,
) {
  const all = Array.from({ length: layers + 1 }, (_, i) =>
    nn.linear(i === 0 ? 2 : width, i === layers ? 1 : width, { weightInit: weightInit(i) }),
  );
  const [first, ...others] = all;
  const net: Net = (places) =>
    others
      .reduce((sums, layer) => layer.forward(activate(sums)), first.forward(places))
      .reshape([-1]);
  return { net, layers: all, parameters: all.flatMap((layer) => layer.parameters()) };
}

/** Layers sin(ω₀ (x W + b)), which begin as Sitzmann et al. (2020) have it. */
export const sineNetwork = (design: Design) =>
  network(
    design,
    (layer) => nn.init.siren({ w0: design.omega, first: layer === 0 }),
    (sums) => sums.mul(design.omega).sin(),
  );

/** Layers max(0, x W + b), which begin as He et al. (2015) have it. */
export const reluNetwork = (design: Design) =>
  network(
    design,
    () => nn.init.heNormal(),
    (sums) => sums.relu(),
  );

/** The places (x, y) of pixels, which are numbered row by row: the longer side goes from −1 to 1. */
export function placesOf(pixels: Tensor, size: Size): Tensor {
  const y = pixels.div(size.width).floor();
  const x = pixels.sub(y.mul(size.width));
  const middle = { x: (size.width - 1) / 2, y: (size.height - 1) / 2 };
  return stack([x.sub(middle.x), y.sub(middle.y)], 1).mul(spacing(size));
}

/** What is shown of a network at places: its shade, the length of its gradient, its Laplacian. */
export const views = {
  image: (net: Net) => net,
  gradient(net: Net) {
    const slope = grad((places: Tensor) => net(places).sum());
    return (places: Tensor) => slope(places).square().sum(1).sqrt();
  },
  laplacian: (net: Net) => (places: Tensor) => {
    const second = (direction: readonly number[]) => {
      const along = tensor(direction).broadcastTo(places.shape);
      const first = (places: Tensor) => jvp(net, [places], [along])[1];
      return jvp(first, [places], [along])[1];
    };
    return second([1, 0]).add(second([0, 1]));
  },
};

/** Two networks that learn the same picture, from the same pixels, with the same optimizer. */
export function contest(picture: Grey, design: Design) {
  const n = picture.values.length;
  const shades = tensor(picture.values);
  const sine = sineNetwork(design);
  const relu = reluNetwork(design);
  const optimizer = optim.adam([...sine.parameters, ...relu.parameters], {
    learningRate: design.rate,
  });
  const pixels = () =>
    design.batch < n
      ? random
          .uniform([design.batch])
          .mul(n)
          .floor()
          .minimum(n - 1)
      : iota([n]).cast("float32");
  const step = compile(function trainingStep() {
    const drawn = pixels();
    const places = placesOf(drawn, picture);
    const wanted = gather(shades, drawn.cast("int32"));
    const loss = nn.mse(sine.net(places), wanted);
    // Neither has a part in the other's loss, so one optimizer serves both.
    optimizer.minimize(loss.add(nn.mse(relu.net(places), wanted)));
    return loss;
  });

  /** A view of both networks at so many pixels from one on, [2, tile]; past the last one it is that. */
  const show = (view: keyof typeof views, tile: number) =>
    compile(function show(from: Tensor) {
      const shown = iota([tile])
        .cast("float32")
        .add(from)
        .minimum(n - 1);
      const places = placesOf(shown, picture);
      return stack([sine, relu].map(({ net }) => views[view](net)(places)));
    });
  return { sine, relu, optimizer, step, show, shades };
}
