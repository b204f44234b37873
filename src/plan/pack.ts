import * as I from "../base/index-expr.ts";
import { textKey } from "../graph/canonical.ts";
import { Tensor } from "../graph/tensor.ts";
import type { Variable } from "../graph/variable.ts";
import { ROW } from "./loop-variables.ts";
import type { Nest } from "./nest.ts";
import type { Scalar } from "./expression.ts";
import type { Dependencies } from "./dependencies.ts";

// Elementwise kernels that compute the same of different tensors - an optimizer's update of each parameter, say - become
// one kernel over tensors that lie side by side.

/** Tensors that lie side by side in memory, seen as one. */
export interface PackedBuffer {
  members: readonly Tensor[];
  /** Where each begins, in elements. */
  offsets: readonly number[];
}

/** Members begin at multiples of this: 64 elements are 256 bytes, the alignment that every device takes. */
const ALIGNMENT = 64;

export interface Packed {
  loops: Nest[];
  buffers: Map<Tensor, PackedBuffer>;
}

/** Whether variables can be laid side by side, at these offsets in elements. */
export type CanPack = (variables: readonly Variable[], offsets: readonly number[]) => boolean;

/** Unites loops of equal form. `inPlace` tells which values are written straight into variables. */
export function pack(
  loops: readonly Nest[],
  order: Dependencies<Nest>,
  inPlace: ReadonlyMap<Tensor, Variable>,
  canPack: CanPack,
): Packed {
  const families = new Map<string, { loop: Nest; roles: Tensor[] }[]>();
  for (const loop of loops) {
    const form = formOf(loop, inPlace);
    if (!form) continue;
    const family = families.get(form.text) ?? [];
    family.push({ loop, roles: form.roles });
    families.set(form.text, family);
  }
  const buffers = new Map<Tensor, PackedBuffer>();
  const taken = new Set<Tensor>();
  const result = new Set(loops);
  for (const family of families.values()) {
    const chosen = independent(family, order).filter(({ roles }) =>
      roles.every((x) => !taken.has(x)),
    );
    if (chosen.length < 2 || !distinct(chosen) || !alike(chosen, inPlace)) continue;
    if (!layVariables(chosen, inPlace, canPack)) continue;
    const packed = unite(chosen, buffers);
    chosen.forEach(({ roles }) => roles.forEach((x) => taken.add(x)));
    const old = chosen.map((c) => c.loop);
    order.merge(old, packed);
    for (const loop of old) result.delete(loop);
    result.add(packed);
  }
  return { loops: [...result], buffers };
}

/** Those of a family of which none waits for another. */
function independent<T extends { loop: Nest }>(
  family: readonly T[],
  order: Dependencies<Nest>,
): T[] {
  if (family.length < 2) return [];
  const chosen = new Set(order.independent(family.map(({ loop }) => loop)));
  return family.filter(({ loop }) => chosen.has(loop));
}

/** Whether no tensor would have to lie in two places. */
function distinct(family: readonly { roles: Tensor[] }[]): boolean {
  const all = family.flatMap(({ roles }) => roles);
  return new Set(all).size === all.length;
}

/** What a tensor can be laid beside: variables beside variables, temporary values beside temporary values. */
function homeOf(x: Tensor, inPlace: ReadonlyMap<Tensor, Variable>): string | null {
  if (x.source?.kind === "variable" || inPlace.has(x)) return "variable";
  return x.source ? null : "temporary";
}

function alike(
  family: readonly { roles: Tensor[] }[],
  inPlace: ReadonlyMap<Tensor, Variable>,
): boolean {
  return family[0].roles.every((first, role) =>
    family.every(({ roles }) => homeOf(roles[role], inPlace) === homeOf(first, inPlace)),
  );
}

/**
 * The form of an elementwise loop that reads and writes whole tensors, element by element, and single numbers; null for
 * any other. Loops of one form differ in their `roles` alone: the whole tensors, in the order of their appearance.
 */
function formOf(
  loop: Nest,
  inPlace: ReadonlyMap<Tensor, Variable>,
): { text: string; roles: Tensor[] } | null {
  if (loop.product || loop.cols > 1 || loop.rows < 2 || loop.values.some((v) => v.fold))
    return null;
  const roles: Tensor[] = [];
  let regular = true;
  const role = (x: Tensor) => {
    if (homeOf(x, inPlace) === null) regular = false;
    const known = roles.indexOf(x);
    return known >= 0 ? known : roles.push(x) - 1;
  };
  const row = I.variable(ROW, loop.rows).key;
  const known = new Map<Scalar, number>();
  const text = (x: Scalar): string => {
    const found = known.get(x);
    if (found !== undefined) return `=${found}`;
    known.set(x, known.size);
    switch (x.kind) {
      case "load":
        if (x.index.key === row) return `@${role(x.tensor)}${x.dtype}`;
        if (x.tensor.size !== 1) regular = false;
        return `#${x.tensor.id}`;
      case "constant":
        return `${textKey(x.value)}${x.dtype}`;
      case "map":
        return `${x.op.name}${textKey(x.attrs)}(${x.args.map(text).join(",")})`;
      default:
        regular = false;
        return "";
    }
  };
  const lines = loop.values.map((v) => {
    const variable = inPlace.get(v.tensor);
    const target = variable ? variableRole(variable, roles) : role(v.tensor);
    return `${text(v.element)}→${target ?? role(v.tensor)}`;
  });
  return regular ? { text: lines.join(";"), roles } : null;
}

/** A value written into a variable whose old value is read as well has its place there. */
function variableRole(variable: Variable, roles: readonly Tensor[]): number | null {
  const at = roles.findIndex(
    (x) => x.source?.kind === "variable" && x.source.variable === variable,
  );
  return at < 0 ? null : at;
}

/** Where each loop's part of a buffer begins, and how long the buffer is. */
function layout(family: readonly { loop: Nest }[]): { offsets: number[]; rows: number } {
  let rows = 0;
  const offsets = family.map(({ loop }) => {
    const start = rows;
    rows += Math.ceil(loop.rows / ALIGNMENT) * ALIGNMENT;
    return start;
  });
  return { offsets, rows };
}

/** Lays the variables of each role side by side, if all can be. */
function layVariables(
  family: readonly { loop: Nest; roles: Tensor[] }[],
  inPlace: ReadonlyMap<Tensor, Variable>,
  canPack: CanPack,
): boolean {
  const { offsets } = layout(family);
  return family[0].roles.every((_, role) => {
    const variables = family
      .map(({ roles }) => variableOf(roles[role], inPlace))
      .filter((v) => v !== null);
    return variables.length === 0 || canPack(variables, offsets);
  });
}

/** The variable that a tensor is the old or the new value of, if it lies in one. */
export const variableOf = (x: Tensor, inPlace: ReadonlyMap<Tensor, Variable>): Variable | null =>
  x.source?.kind === "variable" ? x.source.variable : (inPlace.get(x) ?? null);

/** One loop over buffers in the place of a family of loops. */
function unite(
  family: readonly { loop: Nest; roles: Tensor[] }[],
  buffers: Map<Tensor, PackedBuffer>,
): Nest {
  const { offsets, rows } = layout(family);
  const [{ loop, roles }] = family;
  const bufferOf = new Map<Tensor, Tensor>();
  const buffer = (x: Tensor, members: readonly Tensor[]) => {
    const whole = new Tensor({ shape: [rows], dtype: x.dtype });
    bufferOf.set(x, whole);
    buffers.set(whole, { members, offsets });
  };
  roles.forEach((x, role) =>
    buffer(
      x,
      family.map((f) => f.roles[role]),
    ),
  );
  loop.values.forEach(({ tensor }, i) => {
    if (!bufferOf.has(tensor))
      buffer(
        tensor,
        family.map((f) => f.loop.values[i].tensor),
      );
  });
  const place = I.variable(ROW, rows);
  return {
    rows,
    cols: 1,
    length: loop.length,
    values: loop.values.map((v) => ({
      ...v,
      tensor: bufferOf.get(v.tensor)!,
      element: replaceTensors(v.element, bufferOf, place, new Map()),
      place,
    })),
    reads: loop.reads.map((x) => bufferOf.get(x) ?? x),
    product: null,
  };
}

/** An expression with whole tensors replaced by buffers. */
function replaceTensors(
  x: Scalar,
  bufferOf: ReadonlyMap<Tensor, Tensor>,
  place: I.Index,
  known: Map<Scalar, Scalar>,
): Scalar {
  const found = known.get(x);
  if (found) return found;
  const buffer = x.kind === "load" ? bufferOf.get(x.tensor) : undefined;
  const made: Scalar =
    x.kind === "load" && buffer
      ? { ...x, tensor: buffer, index: place }
      : x.kind === "map"
        ? { ...x, args: x.args.map((arg) => replaceTensors(arg, bufferOf, place, known)) }
        : x;
  known.set(x, made);
  return made;
}
