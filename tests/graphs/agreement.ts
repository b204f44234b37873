import { CpuBackend } from "../../src/backends/cpu/cpu-backend.ts";
import { currentBackend, setCurrentBackend, type Backend } from "../../src/graph/backend.ts";
import { compile, random, tensor, variable, type Tensor } from "../../src/index.ts";
import { RoundingBackend } from "./rounding-backend.ts";
import { build, SHAPES, type Graph } from "./graphs.ts";
import { numbers } from "./numbers.ts";

type Values = Map<string, Float64Array>;

/** Calls `fn` with another default device. */
function on<T>(backend: Backend, fn: () => T): T {
  const outer = currentBackend();
  setCurrentBackend(backend);
  try {
    return fn();
  } finally {
    setCurrentBackend(outer);
  }
}

/** Everything that a program makes in a few calls, by name. */
async function run(backend: Backend, graph: Graph): Promise<Values> {
  const reads = on(backend, () => {
    random.seed(1);
    const variables = graph.variables.map(({ shape, seed }) => variable(leaf(shape, seed + 50)));
    const program = (...xs: Tensor[]) => build(graph, xs, variables);
    const compiled = compile(program);
    const made: [string, Tensor][] = [];
    for (let call = 0; call < 2; call++) {
      const xs = graph.inputs.map(({ shape, seed }) => leaf(shape, seed + 7 * call));
      const results =
        graph.mode === "eager"
          ? program(...xs)
          : graph.mode === "repeat"
            ? compiled.repeat(2)(...xs)
            : compiled(...xs);
      for (const [name, y] of Object.entries(results)) made.push([`call ${call}: ${name}`, y]);
      variables.forEach((v, i) => made.push([`call ${call}: variable ${i}`, v.mul(1)]));
    }
    variables.forEach((v, i) => made.push([`variable ${i}`, v]));
    return made.map(async ([name, x]) => {
      const data = await x.data<Float64Array>({ dtype: "float64" });
      return [name, data] as const;
    });
  });
  return new Map(await Promise.all(reads));
}

const leaf = (shape: number, seed: number) => {
  const dims = SHAPES[shape];
  return tensor(
    numbers(
      dims.reduce((n, d) => n * d, 1),
      seed,
    ),
    dims,
  );
};

/** Random numbers, the same for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** How closely to look: how often the reference is run with errors, of how many roundings in each op. */
export interface Look {
  runs: number;
  ulps: number;
}

/**
 * The first value on a backend that is farther off than rounding explains, in words; null where there is none. A
 * comparison of nearly equal numbers may go either way, so each look is followed by a closer one before it counts.
 */
export async function mismatch(
  backend: Backend,
  graph: Graph,
  looks: readonly Look[],
): Promise<string | null> {
  const expected = await run(new CpuBackend("float64"), graph);
  const got = await run(backend, graph);
  let wrong: string | null = null;
  for (const { runs, ulps } of looks) {
    const erring: Values[] = [];
    for (let i = 0; i < runs; i++) {
      erring.push(await run(new RoundingBackend(randomOf(i + 1), ulps), graph));
    }
    wrong = difference(expected, got, erring, ulps);
    if (!wrong) return null;
  }
  return wrong;
}

function difference(
  expected: Values,
  got: Values,
  erring: readonly Values[],
  ulps: number,
): string | null {
  for (const [name, truth] of expected) {
    const values = got.get(name)!;
    if (values.length !== truth.length) {
      return `${name}: ${values.length} of ${truth.length} values`;
    }
    const others = erring.map((r) => r.get(name)!);
    const tolerance = toleranceOf(truth, others, ulps);
    const bad = truth.findIndex(
      (v, i) => isSound(v, others, i) && !(Math.abs(v - values[i]) <= tolerance),
    );
    if (bad < 0) continue;
    return [
      `${name}[${bad}] is ${values[bad]}, not ${truth[bad]} ± ${tolerance}:`,
      values.slice(0, 12).join(" "),
      truth.slice(0, 12).join(" "),
    ].join("\n");
  }
  return null;
}

/** What is not a number, or beyond float32, says nothing. */
const isSound = (v: number, erring: readonly Float64Array[], i: number) =>
  [v, ...erring.map((r) => r[i])].every((u) => Math.abs(u) < 1e30);

/** How far a value may be off: four times what the erring runs of the reference are. */
function toleranceOf(truth: Float64Array, erring: readonly Float64Array[], ulps: number): number {
  let [spread, largest] = [0, 0];
  truth.forEach((v, i) => {
    if (!isSound(v, erring, i)) return;
    largest = Math.max(largest, Math.abs(v));
    for (const r of erring) spread = Math.max(spread, Math.abs(r[i] - v));
  });
  return 4 * spread + 2 * ulps * 2 ** -24 * largest + 1e-30;
}
