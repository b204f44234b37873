import type { Case } from "./format.ts";

const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

const shapeOf = (c: Case, input: string): number[] =>
  c.tensors.get(`in.${input}`)?.shape ?? c.fill?.[input]?.shape ?? [];

const resultShape = (c: Case, name: string): number[] =>
  c.tensors.get(`out64.${name}`)?.shape ?? c.results?.[name]?.shape ?? [];

/** How many terms are summed on the way to a part. 1 where it is no reduction and no contraction. */
export function lengthOf(c: Case, part: string): number {
  const name = part.slice(part.indexOf(".") + 1);
  const gradient = part.startsWith("g");
  const y = product(resultShape(c, "y"));
  const contraction = contracted(c);
  if (contraction) {
    const products = y * contraction.length;
    if (!gradient) return contraction.length;
    // An operand meets each of its products once; what is added to the result is spread over it.
    const terms = contraction.operands.includes(name) ? products : y;
    return terms / product(shapeOf(c, name));
  }
  const own = product(gradient ? shapeOf(c, name) : resultShape(c, name));
  const others = gradient ? y : Math.max(...inputsOf(c).map((i) => product(shapeOf(c, i))));
  return Math.max(1, others / own, coupled(c));
}

const inputsOf = (c: Case): string[] => [
  ...Object.keys(c.fill ?? {}),
  ...[...c.tensors.keys()].flatMap((key) => (key.startsWith("in.") ? [key.slice(3)] : [])),
];

/** The two operands of a matrix product and the length of the axis they share. */
function contracted(c: Case): { operands: string[]; length: number } | null {
  if (c.op === "linear") return { operands: ["x", "w"], length: shapeOf(c, "x").at(-1)! };
  if (!/^(matmul|bmm|gemm)/.test(c.op)) return null;
  const a = shapeOf(c, "a");
  return { operands: ["a", "b"], length: (c.attrs["transA"] ? a.at(-2) : a.at(-1))! };
}

/** How many elements decide on each element of a result of the same shape, as in softmax and normalisation. */
function coupled(c: Case): number {
  const x = shapeOf(c, "x");
  switch (c.op) {
    case "softmax":
    case "softmax_extreme":
    case "log_softmax":
      return x.at(Number(c.attrs["axis"] ?? -1))!;
    case "cross_entropy":
    case "cross_entropy_nd":
      return x[1];
    case "rms_norm":
    case "l2_normalize":
      return x.at(-1)!;
    case "layer_norm":
      return product(x.slice(x.length - Number(c.attrs["normalized_ndim"] ?? 1)));
    case "batch_norm":
      return product(x) / x[1];
    case "instance_norm":
      return product(x.slice(2));
    case "group_norm":
      return product(x) / x[0] / Number(c.attrs["groups"]);
    case "logsumexp":
    case "norm2":
    case "prod":
    case "std0":
    case "std1":
    case "var0":
    case "var1":
      return product(x) / product(resultShape(c, "y"));
    case "sdpa":
    case "sdpa_extreme":
    case "sdpa_gqa":
      return Math.max(...shapeOf(c, "q").slice(-2), ...shapeOf(c, "k").slice(-2));
    default:
      return 1;
  }
}
