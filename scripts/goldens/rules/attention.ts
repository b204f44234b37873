import { concat, iota, stack, tensor, tile, where, type Tensor } from "cotangent";
import type { Rules } from "./rule.ts";

interface Attention {
  scale: number;
  mode?: "none" | "causal" | "bool" | "additive";
  causal?: boolean;
}

interface Heads {
  heads: number;
  causal: boolean;
}

/** Attention, rotary positions and recurrent nets, unrolled. */
export const attention: Rules = {
  gru: (inputs, attrs: Recurrent) => recurrent(inputs, attrs, gru),
  lstm: (inputs, attrs: Recurrent) => recurrent(inputs, attrs, lstm),
  mha: ({ x, wi, bi, wo, bo }, attrs: Heads) => {
    const qkv = x.matmul(wi, { transposeB: true }).add(bi);
    return selfAttention(qkv, attrs).matmul(wo, { transposeB: true }).add(bo);
  },
  rnn_tanh: (inputs, attrs: Recurrent) => recurrent(inputs, attrs, tanh),
  rope: ({ x }, { base, style }: { base: number; style: string }) =>
    rope(x, base, style.startsWith("interleaved")),
  sdpa: ({ q, k, v, mask }, attrs: Attention) => attend(q, k, v, attrs, mask),
  sdpa_extreme: ({ q, k, v, mask }, attrs: Attention) => attend(q, k, v, attrs, mask),
  sdpa_gqa: ({ q, k, v }, { groups, ...attrs }: Attention & { groups: number }) => {
    const [batch, heads, ...rest] = k.shape;
    const shared = (x: Tensor) =>
      tile(x.expandDims(2), [1, 1, groups, 1, 1]).reshape([batch, heads * groups, ...rest]);
    return attend(q, shared(k), shared(v), attrs);
  },
};

/** softmax(q kᵀ · scale, masked) v over [batch, head, time, feature]. */
function attend(q: Tensor, k: Tensor, v: Tensor, attrs: Attention, mask?: Tensor): Tensor {
  const scores = q.matmul(k, { transposeB: true }).mul(attrs.scale);
  const seen = () => iota([q.shape.at(-2)!, 1]).greaterEqual(iota([k.shape.at(-2)!]));
  let masked = scores;
  if (attrs.mode === "causal" || attrs.causal) masked = where(seen(), scores, -Infinity);
  else if (attrs.mode === "bool") masked = where(mask!, scores, -Infinity);
  else if (attrs.mode === "additive") masked = scores.add(mask!);
  return masked.softmax(-1).matmul(v);
}

/** The heads' attentions side by side, of queries, keys and values that lie side by side in the last axis. */
export function selfAttention(qkv: Tensor, { heads, causal }: Heads): Tensor {
  const [batch, time, width] = qkv.shape;
  const size = width / 3 / heads;
  const parts = qkv.reshape([batch, time, 3, heads, size]).transpose([2, 0, 3, 1, 4]);
  const [q, k, v] = [0, 1, 2].map((i) => parts.slice([i], [i + 1]).squeeze(0));
  const y = attend(q, k, v, { scale: 1 / Math.sqrt(size), causal });
  return y.transpose([0, 2, 1, 3]).reshape([batch, time, width / 3]);
}

/** Pairs of features turned by an angle that grows with the position: neighbours, or one from each half. */
function rope(x: Tensor, base: number, interleaved: boolean): Tensor {
  const [time, size] = x.shape.slice(-2);
  const half = size / 2;
  const angles = Array.from({ length: time }, (_, t) =>
    Array.from({ length: half }, (__, i) => t * base ** ((-2 * i) / size)),
  );
  const cos = tensor(angles.map((row) => row.map(Math.cos)));
  const sin = tensor(angles.map((row) => row.map(Math.sin)));
  const pairs = interleaved ? [half, 2] : [2, half];
  const axis = interleaved ? -1 : -2;
  const apart = x.reshape([...x.shape.slice(0, -1), ...pairs]);
  const at = interleaved ? x.rank : x.rank - 1;
  const pick = (i: number) =>
    apart
      .slice(
        apart.shape.map((_, a) => (a === at ? i : 0)),
        apart.shape.map((n, a) => (a === at ? i + 1 : n)),
      )
      .squeeze(at);
  const [a, b] = [pick(0), pick(1)];
  const turned = [a.mul(cos).sub(b.mul(sin)), a.mul(sin).add(b.mul(cos))];
  return stack(turned, axis).reshape(x.shape);
}

interface Recurrent {
  layers: number;
  bidirectional: boolean;
  batch_first: boolean;
}

/** One step of a recurrent net: the state after it, output first. */
export type Cell = (fromInput: Tensor, fromState: Tensor, state: Tensor[]) => Tensor[];

const tanh: Cell = (x, h) => [x.add(h).tanh()];

const parts = (x: Tensor, n: number): Tensor[] => {
  const size = x.shape[1] / n;
  return Array.from({ length: n }, (_, i) => x.slice([0, i * size], [x.shape[0], (i + 1) * size]));
};

/** Gates i, f, g, o. */
export const lstm: Cell = (x, h, [, c]) => {
  const [i, f, g, o] = parts(x.add(h), 4);
  const cell = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()));
  return [o.sigmoid().mul(cell.tanh()), cell];
};

/** Gates r, z, n. */
export const gru: Cell = (x, h, [last]) => {
  const [[rx, zx, nx], [rh, zh, nh]] = [parts(x, 3), parts(h, 3)];
  const r = rx.add(rh).sigmoid();
  const z = zx.add(zh).sigmoid();
  const n = nx.add(r.mul(nh)).tanh();
  return [n.add(z.mul(last.sub(n)))];
};

export interface Weights {
  ih: Tensor;
  hh: Tensor;
  bih: Tensor;
  bhh: Tensor;
}

/** A layer over x [batch, time, feature] from a state: the outputs by time, and the state at the end. */
export function unroll(
  x: Tensor,
  start: Tensor[],
  { ih, hh, bih, bhh }: Weights,
  cell: Cell,
  backwards = false,
): { outputs: Tensor[]; state: Tensor[] } {
  const [batch, time] = x.shape;
  const inputs = x.matmul(ih, { transposeB: true }).add(bih);
  const outputs: Tensor[] = [];
  let state = start;
  for (let s = 0; s < time; s++) {
    const t = backwards ? time - 1 - s : s;
    const now = inputs.slice([0, t], [batch, t + 1]).squeeze(1);
    state = cell(now, state[0].matmul(hh, { transposeB: true }).add(bhh), state);
    outputs[t] = state[0];
  }
  return { outputs, state };
}

/** PyTorch's recurrent layers, each in both directions where there are weights for both. */
function recurrent(inputs: Record<string, Tensor>, attrs: Recurrent, cell: Cell) {
  const { x, h0, c0 } = inputs;
  const directions = attrs.bidirectional ? ["", "_reverse"] : [""];
  const swapped = (y: Tensor) => (attrs.batch_first ? y : y.transpose([1, 0, 2]));
  const ends: Tensor[][] = [];
  let y = swapped(x);
  for (let layer = 0; layer < attrs.layers; layer++) {
    const runs = directions.map((direction, i) => {
      const weights = {
        ih: inputs[`weight_ih_l${layer}${direction}`],
        hh: inputs[`weight_hh_l${layer}${direction}`],
        bih: inputs[`bias_ih_l${layer}${direction}`],
        bhh: inputs[`bias_hh_l${layer}${direction}`],
      };
      const at = ends.length + i;
      const start = [h0, c0].filter(Boolean).map((s) => s.slice([at], [at + 1]).squeeze(0));
      return unroll(y, start, weights, cell, i === 1);
    });
    ends.push(...runs.map(({ state }) => state));
    y = concat(
      runs.map(({ outputs }) => stack(outputs, 1)),
      -1,
    );
  }
  const end = (k: number) => stack(ends.map((state) => state[k]));
  return { y: swapped(y), hn: end(0), ...(c0 ? { cn: end(1) } : {}) };
}
