import { rowOf } from "../base/dtype.ts";
import * as I from "../base/index-expr.ts";
import { addTo, getOrMake } from "../base/maps.ts";
import { Tensor } from "../graph/tensor.ts";
import type { Variable } from "../graph/variable.ts";
import { ROW } from "./loop-variables.ts";
import type { Scalar } from "../graph/scalar.ts";
import { loadsIn } from "./expression.ts";
import { formOf } from "./form.ts";
import { isAccumulated, isCall, type Nest, type Part } from "./nest.ts";
import type { Dependencies } from "./dependencies.ts";
import { canGrant, placeIn, type PackedPlace, type PackedPlaceOf, type Wish } from "./wish.ts";

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
  loops: Part[];
  buffers: Map<Tensor, PackedBuffer>;
  /** What has to become of variables for the loops to be right. */
  wishes: Wish[];
}

/** What is given. */
export interface PackLimits {
  /** Where variables lie side by side already; null where no variable may be moved. */
  packedPlace: PackedPlaceOf | null;
  /** Bytes of one buffer that a kernel may bind. */
  bindingBytes: number;
}

/** A loop and the whole tensors in it, in the order in which its form names them. */
interface Member {
  loop: Nest;
  roles: readonly Tensor[];
}

/** Unites loops of equal form. `inPlace` tells which values are written straight into variables. */
export function pack(
  loops: readonly Part[],
  order: Dependencies<Part>,
  inPlace: ReadonlyMap<Tensor, Variable>,
  { packedPlace, bindingBytes }: PackLimits,
): Packed {
  const families = new Map<string, Member[]>();
  for (const loop of loops) {
    if (isCall(loop)) continue;
    const found = memberOf(loop, inPlace);
    if (found) addTo(families, found.text, found.member);
  }
  const buffers = new Map<Tensor, PackedBuffer>();
  const wishes: Wish[] = [];
  const wished = new Map<Variable, PackedPlace>();
  const placeOf: PackedPlaceOf = (variable) =>
    wished.get(variable) ?? packedPlace?.(variable) ?? null;
  const taken = new Set<Tensor>();
  const result = new Set(loops);
  for (const family of families.values()) {
    const parts = partsOf(independent(family, order), inPlace, placeOf);
    for (const part of parts.flatMap((whole) => cut(whole, bindingBytes))) {
      if (part.length < 2 || !distinct(part, taken)) continue;
      const own = wishesOf(part, inPlace);
      if (own.length > 0 && !packedPlace) continue;
      const places = placesWished(own, placeOf);
      if (!places) continue;
      for (const [variable, place] of places) wished.set(variable, place);
      wishes.push(...own);
      const packed = unite(part, buffers);
      for (const { roles } of part) roles.forEach((x) => taken.add(x));
      const old = part.map(({ loop }) => loop);
      order.merge(old, packed);
      for (const loop of old) result.delete(loop);
      result.add(packed);
    }
  }
  return { loops: [...result], buffers, wishes };
}

/** Those of a family of which none waits for another. */
function independent(family: readonly Member[], order: Dependencies<Part>): Member[] {
  const chosen: ReadonlySet<Part> = new Set(order.independent(family.map(({ loop }) => loop)));
  return family.filter(({ loop }) => chosen.has(loop));
}

/** Whether no tensor would have to lie in two places. */
function distinct(part: readonly Member[], taken: ReadonlySet<Tensor>): boolean {
  const all = part.flatMap(({ roles }) => roles);
  return new Set(all).size === all.length && !all.some((x) => taken.has(x));
}

/** A family in parts whose tensors of each role can lie side by side: temporary values, or variables of one buffer or of none. */
function partsOf(
  family: readonly Member[],
  inPlace: ReadonlyMap<Tensor, Variable>,
  placeOf: PackedPlaceOf,
): Member[][] {
  const numbers = new Map<object, number>();
  const storageOf = (x: Tensor) => {
    const variable = variableOf(x, inPlace);
    if (!variable) return "temporary";
    const place = placeOf(variable);
    if (!place) return "variable";
    return getOrMake(numbers, place.buffer, () => numbers.size);
  };
  const parts = new Map<string, Member[]>();
  for (const member of family) {
    addTo(parts, member.roles.map(storageOf).join(), member);
  }
  return [...parts.values()];
}

/** A part in pieces that a kernel can bind. */
function cut(part: readonly Member[], bindingBytes: number): Member[][] {
  const pieces: Member[][] = [];
  let bytes = Infinity;
  for (const member of part) {
    const width = Math.max(...member.roles.map((x) => rowOf(x.dtype).bytes));
    const own = alignedRows(member.loop.rows) * width;
    bytes += own;
    if (bytes <= bindingBytes) {
      pieces.at(-1)!.push(member);
    } else {
      pieces.push([member]);
      bytes = own;
    }
  }
  return pieces;
}

/**
 * An elementwise loop that reads and writes whole tensors, element by element, and single numbers; null for any other. Loops
 * of one text differ in their `roles` alone: the whole tensors, in the order of their appearance.
 */
function memberOf(
  loop: Nest,
  inPlace: ReadonlyMap<Tensor, Variable>,
): { text: string; member: Member } | null {
  const { rows, cols, product, values } = loop;
  if (product || cols > 1 || rows < 2 || values.some(isAccumulated)) return null;
  const row = I.variable(ROW, rows).key;
  // What others have made is bound where it lies; of a longer tensor the loop reads the first elements only.
  const isWhole = (x: Tensor) => x.size === rows && (!x.source || !!variableOf(x, inPlace));
  const oldValues = new Map<Variable | undefined, Tensor>();
  const seen = new Set<Scalar>();
  const isRegular = (x: Scalar): boolean => {
    if (x.kind === "constant" || seen.has(x)) return true;
    seen.add(x);
    if (x.kind === "apply") return x.args.every(isRegular);
    if (x.kind !== "load") return false;
    const { index, tensor } = x;
    if (tensor.source?.kind === "variable") oldValues.set(tensor.source.variable, tensor);
    return index.key === row ? isWhole(tensor) : tensor.size === 1;
  };
  if (!values.every(({ tensor, parts }) => isWhole(tensor) && parts.every(isRegular))) return null;
  const roles = new Set<Tensor>();
  // A value written into a variable whose old value is read as well has its place there.
  const roleOf = (x: Tensor) => {
    const role = oldValues.get(inPlace.get(x)) ?? x;
    if (isWhole(role)) roles.add(role);
    return role;
  };
  const { key } = formOf([{ ...loop, rows: 1 }], roleOf, (x) => (isWhole(x) ? "" : `${x.id}`));
  return { text: key.replaceAll(row, ""), member: { loop, roles: [...roles] } };
}

const alignedRows = (rows: number) => Math.ceil(rows / ALIGNMENT) * ALIGNMENT;

/** Where each loop's part of a buffer begins, and how long the buffer is. */
function sideBySide(part: readonly Member[]): { offsets: number[]; rows: number } {
  let rows = 0;
  const offsets = part.map(({ loop }) => {
    const start = rows;
    rows += alignedRows(loop.rows);
    return start;
  });
  return { offsets, rows };
}

/** The variables of each role side by side. */
function wishesOf(part: readonly Member[], inPlace: ReadonlyMap<Tensor, Variable>): Wish[] {
  const { offsets } = sideBySide(part);
  return part[0].roles.flatMap((_, role) => {
    const variables = part
      .map(({ roles }) => variableOf(roles[role], inPlace))
      .filter((v) => v !== null);
    return variables.length > 0 ? [{ variables, offsets }] : [];
  });
}

/** The places that variables would have if wishes were granted one after the other; null where they can't be. */
function placesWished(
  wishes: readonly Wish[],
  placeOf: PackedPlaceOf,
): Map<Variable, PackedPlace> | null {
  const places = new Map<Variable, PackedPlace>();
  for (const wish of wishes) {
    if (!canGrant(wish, (variable) => places.get(variable) ?? placeOf(variable))) return null;
    wish.variables.forEach((variable, i) => {
      if (!placeOf(variable)) places.set(variable, placeIn(wish, i));
    });
  }
  return places;
}

/** The variable that a tensor is the old or the new value of, if it lies in one. */
export const variableOf = (x: Tensor, inPlace: ReadonlyMap<Tensor, Variable>): Variable | null =>
  x.source?.kind === "variable" ? x.source.variable : (inPlace.get(x) ?? null);

/** One loop over buffers in the place of several. */
function unite(part: readonly Member[], buffers: Map<Tensor, PackedBuffer>): Nest {
  const { offsets, rows } = sideBySide(part);
  const [{ loop, roles }] = part;
  const bufferOf = new Map<Tensor, Tensor>();
  const buffer = (x: Tensor, inMember: (member: Member) => Tensor) => {
    const whole = new Tensor({ shape: [rows], dtype: x.dtype });
    bufferOf.set(x, whole);
    buffers.set(whole, { members: part.map(inMember), offsets });
  };
  roles.forEach((x, role) => buffer(x, (member) => member.roles[role]));
  loop.values.forEach(({ tensor }, i) => {
    if (!bufferOf.has(tensor)) buffer(tensor, (member) => member.loop.values[i].tensor);
  });
  const place = I.variable(ROW, rows);
  return {
    rows,
    cols: 1,
    length: loop.length,
    values: loop.values.map((v) => {
      const parts = v.parts.map((part) => replaceTensors(part, bufferOf, place, new Map()));
      const tensor = bufferOf.get(v.tensor)!;
      return { ...v, tensor, parts, loads: parts.flatMap(loadsIn), place };
    }),
    reads: loop.reads.map((x) => bufferOf.get(x) ?? x),
    ops: loop.ops,
    product: null,
  };
}

/** An expression with whole tensors replaced by buffers. */
const replaceTensors = (
  x: Scalar,
  bufferOf: ReadonlyMap<Tensor, Tensor>,
  place: I.Index,
  known: Map<Scalar, Scalar>,
): Scalar =>
  getOrMake(known, x, () => {
    if (x.kind === "apply") {
      return { ...x, args: x.args.map((arg) => replaceTensors(arg, bufferOf, place, known)) };
    }
    const tensor = x.kind === "load" && bufferOf.get(x.tensor);
    return tensor ? { ...x, tensor, index: place } : x;
  });
