import type { Inspection, InspectedNode, MemoryBlock } from "cotangent/check";
import { isPartOf } from "./parts.ts";

/** Ops in a visitor's words; those that tell most of what a program is for come first. */
const words: readonly (readonly [op: RegExp, text: string])[] = [
  [/^conv$/, "convolution"],
  [/^convInputGradient$/, "gradient of a convolution"],
  [/^convWeightGradient$/, "gradient of filters"],
  [/^(matmul|contract)$/, "matrix product"],
  [/^softmaxCrossEntropy$/, "cross-entropy"],
  [/^bceWithLogits$/, "loss"],
  [/^randomPermutation$/, "shuffle"],
  [/^(threefry|random\w*|uniform|normal)$/, "draw at random"],
  [/^gather$/, "pick rows"],
  [/^(inside)$/, "slope of ReLU"],
  [/^sech$/, "slope of tanh"],
  [/^relu$/, "ReLU"],
  [/^(tanh|sigmoid|softplus|softmax|gelu|silu|mish|elu|selu|celu|sin|cos|erf)$/, "$1"],
  [/^sum$/, "sum"],
  [/^(mean)$/, "mean"],
  [/^(maximum|greatest|max)$/, "largest of"],
  [/^(minimum|least|min)$/, "smallest of"],
  [/^sqrt$/, "√"],
  [/^expm1$/, "exp − 1"],
  [/^(exp|log)$/, "$1"],
  [/^(square)$/, "x²"],
  [/^(reciprocal)$/, "1/x"],
  [/^div$/, "÷"],
  [/^mul$/, "×"],
  [/^add$/, "+"],
  [/^(sub|neg)$/, "−"],
  [/^floorDivide$/, "÷, rounded"],
  [/^(where|select)$/, "either or"],
  [/^(equal|less|greater|lessEqual|greaterEqual|notEqual)$/, "compare"],
  [/^iota$/, "0, 1, 2 …"],
  [/^concat$/, "join"],
  [/^(slice)$/, "cut out"],
  [/^(transpose)$/, "transpose"],
  [/^(cast)$/, "change type"],
  [/^(broadcastTo)$/, "repeat"],
  [/^(reshape)$/, "change shape"],
  [/^(identity)$/, "assign"],
  [/^(copy)$/, "rearrange"],
];

const placeOf = (op: string) => {
  const at = words.findIndex(([pattern]) => pattern.test(op));
  return at < 0 ? lastTelling : at;
};

/** An op in a visitor's words. */
export function opWords(op: string): string {
  const found = words.find(([pattern]) => pattern.test(op));
  return found ? op.replace(found[0], found[1]) : op;
}

/** "64 × 256"; a number alone has no shape. */
export const shapeWords = (shape: readonly number[]): string =>
  shape.length === 0 ? "a number" : shape.join(" × ");

/** How many words a title has. */
const mostWords = 3;

/** Up to here words tell what a program is for; others are said of programs that have no such. */
const lastTelling = words.findIndex(([, text]) => text === "sum");

const isTelling = (op: string) => placeOf(op) <= lastTelling;

/** Counters are single numbers, and seeds are whole ones. */
const isWeight = ({ dtype, shape }: InspectedNode) => dtype === "float32" && shape.length > 0;

/** Ops in a few words, those that tell most first. */
function inWords(ops: readonly string[]): string {
  const sorted = [...new Set(ops)].sort((a, b) => placeOf(a) - placeOf(b));
  const telling = sorted.filter(isTelling);
  const told = new Set((telling.length > 0 ? telling : sorted).map(opWords));
  return [...told].slice(0, mostWords).join(", ");
}

/** Each program in a few words: what it is for, as far as its operations tell. */
export function titlesOf({ nodes, dispatches, blocks }: Inspection): string[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const isWeights = ({ kind, nodes: ids }: MemoryBlock) =>
    kind === "variable" && ids.some((id) => isWeight(byId.get(id)!));
  return dispatches.map(({ bindings, ops, kernel }, i) => {
    const written = bindings.filter(({ isWritten }) => isWritten).flatMap((b) => b.blocks);
    if (written.some((k) => isWeights(blocks[k]))) return "new weights";
    const own = nodes.filter(({ dispatch }) => dispatch === i).map(({ op }) => op);
    const done = ops.length > 0 ? ops : [kernel];
    // What is made in several programs is told of the last; the others work for it.
    const whole = nodes.find((node) => isPartOf(node, i));
    if (whole && !own.some(isTelling)) return `${inWords(done)} for ${opWords(whole.op)}`;
    const parts = own.length > 0 ? own : done;
    const isProduct =
      kernel.startsWith("matmul") && !parts.some((op) => placeOf(op) <= placeOf("matmul"));
    return inWords(isProduct ? [...parts, "matmul"] : parts);
  });
}

const prefixed = (value: number, unit: string): string => {
  const prefixes = ["", "k", "M", "G", "T"];
  let i = 0;
  for (; value >= 1000 && i < prefixes.length - 1; i++) value /= 1000;
  const text =
    i === 0 ? String(Math.round(value)) : Number(value.toPrecision(3)).toLocaleString("en");
  return `${text} ${prefixes[i]}${unit}`;
};

export const bytesWords = (bytes: number): string => prefixed(bytes, "B");
export const flopsWords = (flops: number): string => prefixed(flops, "").trim();

/** "0.0123 ms", "8.6 ms": two digits, or three from 10 on. */
export function timeWords(milliseconds: number): string {
  if (milliseconds > 0 && milliseconds < 0.0005) return "< 0.001 ms";
  const digits = milliseconds >= 10 ? 3 : 2;
  return `${Number(Math.max(milliseconds, 0).toPrecision(digits)).toLocaleString("en", { maximumFractionDigits: 4 })} ms`;
}

/** The number of the longest, from 0. */
export const longestOf = (times: readonly number[]): number => times.indexOf(Math.max(...times));

/** How many operations a graph has. */
export const operationsIn = ({ nodes }: Pick<Inspection, "nodes">): number =>
  nodes.filter(({ dispatch }) => dispatch !== "given").length;
