import { compile, gradients, tensor, type Tensor } from "cotangent";
import { compare, type Failure } from "./compare.ts";
import { hashFill, partOf, type Case, type Fill, type Summary } from "./format.ts";
import { apply, type Rule, type Tensors } from "./rules/rule.ts";
import { boundOf, type Backend } from "./tolerance.ts";

const filled = (fill: Fill): Tensor => tensor(hashFill(fill), fill.shape);

/** Checks results too large to store, for inputs that are made here: samples of them, and sums over all. */
export async function checkLarge(c: Case, rule: Rule, backend: Backend): Promise<Failure[]> {
  const inputs: Tensors = {};
  for (const [name, fill] of Object.entries(c.fill!)) inputs[name] = filled(fill);
  const wanted = Object.keys(inputs).filter((name) => c.results![`d${name}`]);
  const run = compile((given: Tensors, gout: Tensor): Tensors => {
    const { y } = apply(rule, given, c);
    const found = gradients(
      y,
      wanted.map((name) => given[name]),
      gout,
    );
    return { y, ...Object.fromEntries(found.map((g, i) => [`d${wanted[i]}`, g])) };
  });
  const results = run(inputs, filled(c.gout!));
  const failures: Failure[] = [];
  for (const [name, summary] of Object.entries(c.results!)) {
    const got = await results[name].data<Float64Array>({ dtype: "float64" });
    results[name].dispose();
    failures.push(...compareLarge(c, name, summary, got, backend));
  }
  return failures;
}

function compareLarge(
  c: Case,
  name: string,
  summary: Summary,
  got: Float64Array,
  backend: Backend,
): Failure[] {
  const truth = partOf(c, "val64").get(name)!.data;
  const places = partOf(c, "idx").get(name)!.data;
  const scaled = { ...c, err32: { [name]: summary.err32 ?? { abs: 0, scale: summary.absmax } } };
  const part = name === "y" ? "out64.y" : `gin64.${name.slice(1)}`;
  const tolerance = boundOf(scaled, part, truth, backend)(0);
  let [sum, sumsq, absmax] = [0, 0, 0];
  for (const v of got) {
    sum += v;
    sumsq += v * v;
    absmax = Math.max(absmax, Math.abs(v));
  }
  // What n elements, each within the tolerance, can add up to: for squares by Cauchy and Schwarz.
  const n = got.length;
  const totals: [string, number, number, number][] = [
    ["sum", sum, summary.sum, n * tolerance],
    ["sumsq", sumsq, summary.sumsq, tolerance * (2 * Math.sqrt(n * summary.sumsq) + n * tolerance)],
    ["absmax", absmax, summary.absmax, tolerance],
  ];
  const sampled = Float64Array.from(places, (place) => got[place]);
  return [
    compare(`val64.${name}`, sampled, truth, () => tolerance),
    ...totals.map(([what, value, right, bound]) =>
      compare(`${what}.${name}`, [value], [right], () => bound),
    ),
  ].filter((failure) => failure !== null);
}
