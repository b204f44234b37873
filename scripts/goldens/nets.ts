import { concat, gather, iota, layerNorm, nn, zeros, type Tensor } from "cotangent";
import type { Case } from "./format.ts";
import { gru, lstm, selfAttention, unroll } from "./rules/attention.ts";
import { activate } from "./rules/elementwise.ts";
import type { Tensors } from "./rules/rule.ts";

/** The loss of a net with parameters p on a batch. */
export type Net = (p: Tensors, batch: Tensors) => Tensor;

interface Attrs {
  activation: string;
  loss?: string;
  label_smoothing?: number;
  w0: number;
  heads: number;
  layers: number;
  tied: boolean;
  cell: "lstm" | "gru";
}

/** The net that a trajectory trains; undefined for one that needs what the library does not have. */
export function netOf({ op, attrs }: Case): Net | undefined {
  const name = Object.keys(nets).find((n) => op === n || op.startsWith(`${n}_`));
  return name === undefined ? undefined : nets[name](attrs as unknown as Attrs);
}

const dense = (x: Tensor, w: Tensor, b: Tensor): Tensor => x.matmul(w).add(b);

/** x through layers w1, b1, w2, b2, … with a function between them. */
function layers(x: Tensor, p: Tensors, between: (x: Tensor) => Tensor): Tensor {
  let y = dense(x, p["w1"], p["b1"]);
  for (let i = 2; p[`w${i}`]; i++) y = dense(between(y), p[`w${i}`], p[`b${i}`]);
  return y;
}

const nets: Record<string, (attrs: Attrs) => Net> = {
  logreg_tables:
    () =>
    (p, { x, y }) => {
      const loss = nn.softmaxCrossEntropy(dense(x, p["w"], p["b"]), y);
      return loss.add(p["w"].square().sum().mul(1e-3));
    },
  mlp:
    ({ activation, loss, label_smoothing }) =>
    (p, { x, y }) => {
      const out = layers(x, p, (h) => activate(activation, h));
      switch (loss) {
        case "mse":
          return nn.mse(out, y);
        case "huber":
          return nn.huber(out, y);
        case "mean cross-entropy":
          return nn.softmaxCrossEntropy(out, y, { labelSmoothing: label_smoothing });
        default:
          throw new Error(`no loss is called ${loss}`);
      }
    },
  resmlp_ln:
    ({ activation }) =>
    (p, { x, y }) => {
      let z = dense(x, p["w0"], p["b0"]);
      for (let i = 0; p[`u${i}`]; i++) {
        const normal = layerNorm(z).mul(p[`g${i}`]).add(p[`c${i}`]);
        z = z.add(activate(activation, normal.matmul(p[`u${i}`])).matmul(p[`v${i}`]));
      }
      return nn.softmaxCrossEntropy(dense(z, p["wo"], p["bo"]), y);
    },
  rnn_lm:
    ({ cell }) =>
    (p, { tokens }) => {
      const [ids, targets] = shifted(tokens);
      const still = zeros([ids.shape[0], p["whh"].shape[1]]);
      const weights = { ih: p["wih"], hh: p["whh"], bih: p["bih"], bhh: p["bhh"] };
      const start = cell === "lstm" ? [still, still] : [still];
      const x = gather(p["emb"], ids);
      const { outputs } = unroll(x, start, weights, cell === "lstm" ? lstm : gru);
      const hidden = concat(
        outputs.map((h) => h.expandDims(1)),
        1,
      );
      return nn.softmaxCrossEntropy(dense(hidden, p["w"], p["b"]), targets);
    },
  siren:
    ({ w0 }) =>
    (p, { x, y }) =>
      nn.mse(
        layers(x, p, (h) => h.mul(w0).sin()),
        y,
      ),
  transformer_lm:
    (attrs) =>
    (p, { tokens }) => {
      const [ids, targets] = shifted(tokens);
      let x = gather(p["tok"], ids).add(gather(p["pos"], iota([ids.shape[1]])));
      for (let l = 0; l < attrs.layers; l++)
        x = block(x, (name) => p[`l${l}.${name}`], attrs.heads);
      const y = layerNorm(x).mul(p["lnfw"]).add(p["lnfb"]);
      const logits = attrs.tied ? y.matmul(p["tok"], { transposeB: true }) : y.matmul(p["head"]);
      return nn.softmaxCrossEntropy(logits, targets);
    },
  vae:
    () =>
    (p, { x, eps }) => {
      const code = dense(dense(x, p["ew1"], p["eb1"]).tanh(), p["zw1"], p["zb1"]);
      const size = eps.shape[1];
      const mean = code.slice([0, 0], [x.shape[0], size]);
      const logVariance = code.slice([0, size]);
      const z = mean.add(logVariance.mul(0.5).exp().mul(eps));
      const logits = dense(dense(z, p["dw1"], p["db1"]).tanh(), p["ow1"], p["ob1"]);
      const divergence = mean.square().add(logVariance.exp()).sub(logVariance).sub(1).mul(0.5);
      const bce = nn.bceWithLogits(logits, x, { reduction: "none" });
      return bce.sum(1).add(divergence.sum(1)).mean();
    },
};

/** All ids but the last of each row, and all but the first. */
const shifted = (tokens: Tensor): [Tensor, Tensor] => [
  tokens.slice([0, 0], [tokens.shape[0], -1]),
  tokens.slice([0, 1]),
];

/** A block of a transformer: causal attention, then two layers, both around a normalised x. */
function block(x: Tensor, p: (name: string) => Tensor, heads: number): Tensor {
  const qkv = dense(layerNorm(x).mul(p("ln1w")).add(p("ln1b")), p("wqkv"), p("bqkv"));
  const y = x.add(dense(selfAttention(qkv, { heads, causal: true }), p("wo"), p("bo")));
  const hidden = dense(layerNorm(y).mul(p("ln2w")).add(p("ln2b")), p("w1"), p("b1"));
  return y.add(dense(hidden.gelu({ approximate: "tanh" }), p("w2"), p("b2")));
}
