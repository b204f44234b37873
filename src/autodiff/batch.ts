import { ShapeError } from "../base/errors.ts";
import { checkShape, show, sizeOf, type Shape } from "../base/shape.ts";
import type { Application } from "../graph/application.ts";
import type { Backend } from "../graph/backend.ts";
import { instantiate } from "../graph/body.ts";
import { applyAll } from "../graph/build.ts";
import { bodyOf } from "../graph/canonical.ts";
import { identity } from "../graph/identity.ts";
import type { Attrs, BatchBody, ContractAttrs, Op, SeveralOp, Spec } from "../graph/op.ts";
import { rulesOf } from "../graph/rules.ts";
import { ordered, Tensor } from "../graph/tensor.ts";
import { currentTrace } from "../graph/trace.ts";
import { add, mul } from "../ops/arithmetic.ts";
import { broadcastTo } from "../ops/broadcast.ts";
import { iota } from "../ops/iota.ts";
import { reshape } from "../ops/movement.ts";
import { derived } from "./gradients.ts";
import { pushForward, type Change } from "./push-forward.ts";

/** What is to be done to how many examples; errors name it. */
export interface Batch {
  /** "vmap" */
  name: string;
  size: number;
}

/**
 * What the nodes of a graph become for a batch: each that depends on one of `seeds`, whose values for all examples are
 * given, has one more axis in front. The others are as they were, and have no entry. What is a leaf does not depend on a
 * seed; draws above the leaves are made anew for each example.
 */
export function batchGraph(
  batch: Batch,
  roots: readonly Tensor[],
  seeds: ReadonlyMap<Tensor, Tensor>,
  isLeaf: (node: Tensor) => boolean,
): ReadonlyMap<Tensor, Tensor> {
  const batched = new Map(seeds);
  const madeOf = (node: Tensor) => (seeds.has(node) || isLeaf(node) ? null : node.made);
  const done = new Set<Application>();
  for (const node of ordered(roots, (x) => madeOf(x)?.inputs ?? [])) {
    const made = madeOf(node);
    if (!made || done.has(made)) continue;
    done.add(made);
    const mapped = made.inputs.map((x) => batched.has(x));
    const isMapped = mapped.includes(true);
    if (!isMapped && !isRandom(made.op)) continue;
    const inputs = made.inputs.map((x) => batched.get(x) ?? x);
    const results = isMapped
      ? named(batch, made, () => batchApplication(batch, made, inputs, mapped))
      : named(batch, made, () => drawnAnew(batch, made));
    made.results.forEach((y, i) => {
      if (madeOf(y) !== made) return;
      batched.set(y, results[i]);
      if (derived.has(y)) derived.add(results[i]);
    });
  }
  return batched;
}

/** A value for all examples; repeated where it does not differ between them. */
export const forAll = ({ name, size }: Batch, x: Tensor, own: Tensor | undefined): Tensor =>
  own ?? broadcastTo(x, checkShape(name, [size, ...x.shape]));

const isRandom = (op: Op) => op.kind === "map" && op.random === true;

/** A ShapeError of a rule speaks of the batch alone, which the user never saw. */
function named<T>({ name }: Batch, { op, results }: Application, apply: () => T): T {
  try {
    return apply();
  } catch (error) {
    if (!(error instanceof ShapeError) || error.message.startsWith(`${name}: `)) throw error;
    const { shape } = results[0];
    const message = `${name}: a batch of ${op.name} ${show(shape)} has one more axis: ${error.message}`;
    throw new ShapeError(message, { cause: error });
  }
}

/** An op on a batch, by its own rule or that of its kind; at least one input is mapped. */
function batchApplication(
  batch: Batch,
  made: Application,
  inputs: readonly Tensor[],
  mapped: readonly boolean[],
): readonly Tensor[] {
  const { op, attrs, bodies } = made;
  const rules = rulesOf(op);
  if (rules.batch) {
    return rules.batch(inputs, mapped, attrs, bodies, batchBodies(batch));
  }
  if (op.axial || op.kind === "reduce") {
    const all = inputs.map((x, i) => forAll(batch, x, mapped[i] ? x : undefined));
    return applyAll(op, all, further(attrs));
  }
  switch (op.kind) {
    case "map":
      return applyAll(op, aligned(made, inputs, mapped), attrs);
    case "contract":
      return batchProduct(made, inputs, mapped);
    case "composite":
      break;
    default:
      throw new Error(`${batch.name}: ${op.name} has no rule for batches`);
  }
  const { derivative } = rules;
  if (derivative.kind === "composite" || derivative.kind === "none") {
    return parts(batch, made, inputs, mapped);
  }
  return applyAll(wholeOf(op), inputs, { size: batch.size, mapped, attrs } satisfies WholeAttrs);
}

/** Attributes with the axes one further back. */
function further(attrs: { axis?: number; axes?: readonly number[] }): object {
  const { axis, axes } = attrs;
  return {
    ...attrs,
    ...(axis !== undefined && { axis: axis + 1 }),
    ...(axes && { axes: axes.map((a) => a + 1) }),
  };
}

/** Operands whose own axes are aligned at the right, as in one example: mapped ones get axes of length 1 behind the first. */
function aligned(
  { inputs, results }: Application,
  given: readonly Tensor[],
  mapped: readonly boolean[],
): Tensor[] {
  const rank = results[0].rank;
  return given.map((x, i) => (mapped[i] ? withRank(x, inputs[i].shape, rank) : x));
}

function withRank(x: Tensor, own: Shape, rank: number): Tensor {
  const ones = new Array<number>(rank - own.length).fill(1);
  return reshape(x, [x.shape[0], ...ones, ...own]);
}

function batchProduct(
  made: Application,
  [x, y]: readonly Tensor[],
  mapped: readonly boolean[],
): readonly Tensor[] {
  const { op, attrs, inputs } = made;
  const [a, b] = inputs;
  // The rows of all examples meet the same matrix: one product.
  if (!mapped[1] && b.rank === 2 && !(attrs as ContractAttrs).transposeA) {
    const rows = reshape(x, [sizeOf(x.shape.slice(0, -1)), x.shape.at(-1)!]);
    const [c] = applyAll(op, [rows, y], attrs);
    return [reshape(c, [...x.shape.slice(0, -1), c.shape[1]])];
  }
  const rank = Math.max(a.rank, b.rank);
  const operands = [x, y].map((z, i) => (mapped[i] ? withRank(z, inputs[i].shape, rank) : z));
  return applyAll(op, operands, attrs);
}

/** A node that stands for one example of a batch, or for what all examples share. */
export function example({
  shape,
  dtype,
  backend = null,
  examples,
}: Spec & { backend?: Backend | null; examples?: Tensor }): Tensor {
  const x = new Tensor({ shape, dtype });
  x.source = { kind: "mapped", examples };
  x.trace = currentTrace();
  x.backend = backend;
  x.depth = NaN;
  return x;
}

/** Nodes for the operands of one example; what all share is itself, but for a name of its own. */
const examplesOf = (given: readonly Tensor[], mapped: readonly boolean[]): Tensor[] =>
  given.map((x, i) => (mapped[i] ? exampleOf(x) : identity(x)));

const exampleOf = (x: Tensor): Tensor => example({ shape: x.shape.slice(1), dtype: x.dtype });

/** What was computed from some examples, for all of them; `given` are their values, and null where there is none. */
function together(
  batch: Batch,
  ys: readonly Tensor[],
  examples: readonly Tensor[],
  given: readonly Tensor[],
): Tensor[] {
  const seeds = new Map(
    examples.flatMap((x, i) => (x.source?.kind === "mapped" ? [[x, given[i]] as const] : [])),
  );
  const oldest = Math.min(...examples.map((x) => x.id));
  const found = batchGraph(batch, ys, seeds, (node) => node.id < oldest);
  return ys.map((y) => forAll(batch, y, found.get(y)));
}

/** What a composite is made of, on a batch. */
function parts(
  batch: Batch,
  { op, attrs, bodies }: Pick<Application, "op" | "attrs" | "bodies">,
  given: readonly Tensor[],
  mapped: readonly boolean[],
): readonly Tensor[] {
  const examples = examplesOf(given, mapped);
  return together(batch, rulesOf(op).decompose!(examples, attrs, bodies), examples, given);
}

/** Bodies on a batch. */
const batchBodies =
  (batch: Batch): BatchBody =>
  (body, mapped, finish = (outputs) => outputs) => {
    const wholes = body.inputs.map(({ shape, dtype }, i) =>
      example({ shape: mapped[i] ? [batch.size, ...shape] : shape, dtype }),
    );
    const examples = examplesOf(wholes, mapped);
    const outputs = together(batch, instantiate(body, examples), examples, wholes);
    return bodyOf(wholes, finish(outputs));
  };

interface WholeAttrs {
  size: number;
  mapped: readonly boolean[];
  /** Those of the op. */
  attrs: Attrs;
}

const wholes = new WeakMap<Op, SeveralOp<WholeAttrs>>();

/** A composite on a batch as an op, which has the composite's own derivative: that of its parts may be NaN at a corner. */
function wholeOf(op: Op): SeveralOp<WholeAttrs> {
  const known = wholes.get(op);
  if (known) return known;
  const rules = rulesOf(op);
  const whole: SeveralOp<WholeAttrs> = {
    kind: "composite",
    several: true,
    name: `batched ${op.name}`,
    infer(inputs, { size, mapped, attrs }) {
      const own = inputs.map((x, i) => (mapped[i] ? { ...x, shape: x.shape.slice(1) } : x));
      const specs = rules.infer(own, attrs, []);
      return specs.map(({ shape, dtype }) => ({ shape: [size, ...shape], dtype }));
    },
    derivative: {
      kind: "differential",
      differential(tangents, inputs, _, { size, mapped, attrs }) {
        const examples = examplesOf(inputs, mapped);
        const own = tangents.map((t, i) => t && (mapped[i] ? exampleOf(t) : identity(t)));
        const oldest = examples[0].id;
        const results = applyAll(op, examples, attrs);
        const seeds = new Map(
          examples.flatMap((x, i): [Tensor, Change][] =>
            own[i] ? [[x, { tangent: own[i], reached: 1n, depends: 1n }]] : [],
          ),
        );
        const { changes } = pushForward(results, seeds, (node) => node.id < oldest);
        const dys = results.map((y) => changes.get(y)?.tangent ?? null);
        const [all, given] = [
          [...examples, ...own.filter((t) => t !== null)],
          [...inputs, ...tangents.filter((t) => t !== null)],
        ];
        const batch = { name: op.name, size };
        const found = together(
          batch,
          dys.filter((dy) => dy !== null),
          all,
          given,
        );
        return dys.map((dy) => (dy ? found.shift()! : null));
      },
    },
    decompose: (inputs, { size, mapped, attrs }) =>
      parts({ name: op.name, size }, { op, attrs, bodies: [] }, inputs, mapped),
  };
  wholes.set(op, whole);
  return whole;
}

/** Odd, and as far from a fraction with a small denominator as can be, relative to 2³² (Knuth's multiplicative hash). */
const FACTOR = 0x9e3779b1;

/** A draw with a number of its own for each example: as (draw · F + example + 1) · F they don't meet others. */
function drawnAnew(
  { size }: Batch,
  { op, inputs, attrs, results }: Application,
): readonly Tensor[] {
  const [seed, draw, element, call] = inputs;
  const places = withRank(iota([size], "uint32"), [], results[0].rank);
  const own = mul(add(mul(draw, FACTOR), add(places, 1)), FACTOR);
  return applyAll(op, [seed, own, element, call], attrs);
}
