import * as I from "../../../base/index-expr.ts";
import type { ContractAttrs } from "../../../graph/op.ts";
import { PRODUCT_COLUMN } from "../../../plan/loop-variables.ts";
import type { Operand } from "../../../plan/materialize.ts";
import type { Nest, Product } from "../../../plan/nest.ts";
import type { BindingTable, Slot } from "./bindings.ts";
import { forEachScalarAccess } from "./accesses.ts";
import { Emitter, Scope } from "./emit.ts";
import { LANES, Lanes } from "./lanes.ts";
import { Gather } from "./gathered-operands.ts";
import { link } from "../../../base/link.ts";
import type { Tuning } from "./tuning.ts";
import {
  chooseFamily,
  matmulKernel,
  quickFamily,
  type GatheredBlock,
  type MatmulKernel,
  type MatmulProblem,
  type MatmulSizes,
} from "./matmul-families.ts";

/** Counts the vectors of a row of the product. */
const QUAD: I.LoopVariable = { name: "quad" };

export type ProductText = Pick<MatmulKernel, "name" | "wgsl" | "workgroups">;

/** A matrix product with its epilogue as a shader: a file of shaders/ with its stores replaced. */
export function productText(
  loop: Nest,
  bindings: BindingTable,
  { adapter, quick, unrolls }: Tuning,
): ProductText {
  const product = loop.product!;
  const a = operandSlot(bindings, "a", product.a.tensor);
  const b = operandSlot(bindings, "b", product.b.tensor);
  // One tensor on both sides has one binding, which the second operand reads through the first.
  const same = a === b;
  const problem = { ...problemOf(product), ...gathered(product, a, b) };
  const family = quick ? quickFamily(problem, adapter) : chooseFamily(problem, adapter);
  const kernel = matmulKernel(problem, adapter, family);
  a.vector = kernel.elements.a === "vec4f";
  b.vector = kernel.elements.b === "vec4f";
  const { quads } = kernel;
  const body = epilogue(loop, bindings, quads);
  const settings = {
    ...kernel.set,
    ...(quads ? { store: "", store4: body } : { store: body }),
    ...(same ? kernel.sharing : {}),
    ...(unrolls ? {} : { turns: "return count;" }),
  };
  const extra = bindings.slots.filter((slot) => slot !== a && slot !== b);
  const text = link(kernel.wgsl, settings, {
    a: bindings.bindingOf(a),
    b: same ? null : bindings.bindingOf(b),
    // The epilogue's stores take the place of the shader's own result.
    c: null,
  });
  const { name, workgroups } = kernel;
  return { name, wgsl: [text, ...bindings.declare(extra)].join("\n"), workgroups };
}

/** The binding that the shader declares for an operand; the first one's name stays where both are the same tensor. */
function operandSlot(bindings: BindingTable, name: string, x: Product["tensor"]): Slot {
  const known = bindings.slots.length;
  const slot = bindings.slot(x);
  if (bindings.slots.length > known) slot.name = name;
  return slot;
}

/** The blocks of operands that do not lie in memory as matrices, and of those that share a binding with one. */
function gathered(
  { tensor, a, b }: Product,
  slotA: Slot,
  slotB: Slot,
): Pick<MatmulProblem, "gatherA" | "gatherB"> {
  if (a.matrices && b.matrices) return {};
  const { m, n, k } = sizesOf(tensor);
  const same = slotA === slotB;
  const gatherA = !a.matrices || same ? new Gather(a, "A", m, k) : null;
  const gatherB = !b.matrices || same ? new Gather(b, "B", n, k) : null;
  const vectors = (own: Gather, other: Gather | null) =>
    own.isVector && (!same || other!.isVector) ? "vec4f" : "f32";
  const block = (own: Gather, other: Gather | null, slot: Slot): GatheredBlock => {
    const element = vectors(own, other);
    return { body: own.body(slot.name, element), element };
  };
  return {
    ...(gatherA && { gatherA: block(gatherA, gatherB, slotA) }),
    ...(gatherB && { gatherB: block(gatherB, gatherA, slotB) }),
  };
}

/** Rows, columns and terms of a product. */
export function sizesOf({ attrs, inputs: [x], shape }: Product["tensor"]): MatmulSizes {
  const [m, n] = shape.slice(-2);
  const [rows, cols] = x.shape.slice(-2);
  return { m, n, k: (attrs as ContractAttrs).transposeA ? rows : cols };
}

export function problemOf({ tensor, a, b }: Product): MatmulProblem {
  const sizes = sizesOf(tensor);
  const matrix = ({ matrices }: Operand) => (matrices ? I.print(matrices.matrix, () => "") : "0u");
  return {
    batch: tensor.size / (sizes.m * sizes.n),
    ...sizes,
    transposeA: a.matrices?.transposed ?? false,
    transposeB: b.matrices?.transposed ?? false,
    batchA: matrix(a),
    batchB: matrix(b),
  };
}

/** What becomes of each element of the product, or of four neighbours in a row, on one line. */
function epilogue(loop: Nest, bindings: BindingTable, quads: boolean): string {
  const { tensor } = loop.product!;
  const n = tensor.shape.at(-1)!;
  const lanes = quads && n > 1 ? new Lanes(PRODUCT_COLUMN, I.variable(QUAD, n / LANES)) : null;
  forEachScalarAccess(
    loop,
    lanes,
    () => false,
    (x) => bindings.needsScalars(x),
  );
  const emitter = new Emitter(bindings, lanes, loop.values);
  const scope = new Scope();
  if (lanes) scope.lines.push("let quad = col / 4;");
  const count = lanes ? LANES : 1;
  for (let lane = 0; lane < count; lane++) {
    emitter.define(tensor, lane, lanes ? `value.${"xyzw"[lane]}` : "value");
  }
  // All is computed before anything is stored: a place may be read and written.
  const stores = loop.values.flatMap((v) => {
    if (!v.place) return [];
    const names = Array.from({ length: count }, (_, lane) =>
      v.tensor === tensor ? emitter.local(tensor, lane)! : emitter.emit(v.parts[0], scope, lane),
    );
    return emitter.stores(v, names, scope);
  });
  return [...scope.lines, ...stores].join(" ");
}
