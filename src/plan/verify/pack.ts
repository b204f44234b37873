import type { Tensor } from "../../graph/tensor.ts";
import type { Variable } from "../../graph/variable.ts";
import { sizeInBytes } from "../../base/dtype.ts";
import { tensorsWritten } from "../nest.ts";
import { variableOf, type PackedBuffer } from "../pack.ts";
import type { Passes } from "../passes.ts";
import { canGrant, type Wish } from "../wish.ts";
import { fail } from "./fail.ts";
import { verifyOrder } from "./order.ts";

/** Elements at which every dtype is aligned as devices ask for. */
const ALIGNMENT = 64;

/**
 * Members of a packed buffer lie apart from each other and aligned, each in one buffer; where they are variables, the
 * plan wishes for just that, and it can be granted. All that was written before still is.
 */
export function verifyPacked({ parts, inPlace, packed, sorted, limits }: Passes["pack"]): void {
  const { buffers, wishes } = packed;
  for (const wish of wishes) {
    if (!limits.packedPlace) fail("variables are to move for a plan that runs once");
    else if (!canGrant(wish, limits.packedPlace)) fail(`a wish can't be granted: ${show(wish)}`);
  }
  const bufferOf = new Map<Tensor, Tensor>();
  for (const [buffer, { members, offsets }] of buffers) {
    verifyMembers(buffer, { members, offsets });
    if (sizeInBytes(buffer) > limits.bindingBytes) fail(`${String(buffer)} is too large to bind`);
    for (const member of members) {
      if (bufferOf.has(member)) fail(`${String(member)} lies in two packed buffers`);
      bufferOf.set(member, buffer);
    }
    const variables = members.map((m) => variableOf(m, inPlace)).filter((v) => v !== null);
    if (variables.length === 0) continue;
    const isWished = wishes.some((wish) => same({ variables, offsets }, wish));
    if (!isWished) fail(`nobody wishes for the variables of ${String(buffer)} side by side`);
  }
  verifyOrder(
    sorted.map((part) => [part]),
    inPlace,
    buffers,
  );
  const written = new Set(
    sorted.flatMap(tensorsWritten).flatMap((x) => buffers.get(x)?.members ?? [x]),
  );
  for (const x of parts.flatMap(tensorsWritten)) {
    if (!written.has(x)) fail(`nothing writes ${String(x)} any more`);
  }
}

function verifyMembers(buffer: Tensor, { members, offsets }: PackedBuffer): void {
  let end = 0;
  members.forEach((member, i) => {
    if (member.dtype !== buffer.dtype) fail(`${String(member)} lies in ${String(buffer)}`);
    if (offsets[i] % ALIGNMENT !== 0) fail(`${String(member)} begins at element ${offsets[i]}`);
    if (offsets[i] < end) fail(`${String(member)} shares elements with what is before it`);
    end = offsets[i] + member.size;
  });
  if (end > buffer.size) fail(`${String(buffer)} is too short for its members`);
}

const show = ({ variables, offsets }: Wish) =>
  variables.map((v, i) => `${String(v)} at ${offsets[i]}`).join(", ");

const same = (a: { variables: readonly Variable[]; offsets: readonly number[] }, b: Wish) =>
  a.variables.length === b.variables.length &&
  a.variables.every((v, i) => b.variables[i] === v && b.offsets[i] === a.offsets[i]);
