import * as I from "../../base/index-expr.ts";
import type { Application } from "../../graph/application.ts";
import { topologicalOrder, type Tensor } from "../../graph/tensor.ts";
import { Expander, type LoadedElement } from "../expression.ts";
import { accumulates, type Group } from "../fuse.ts";
import { COLUMN } from "../loop-variables.ts";
import { isInMemory } from "../materialize.ts";
import type { Passes } from "../passes.ts";
import { fail } from "./fail.ts";
import { isOneToOne } from "./ranges.ts";

/**
 * Every stored value is in one group; groups wait for each other in no circle; and what a member reads of its group
 * it reads at its own place, or it is one element for a whole row, which is computed again.
 */
export function verifyGroups({ roots, chosen, grouped: { groups } }: Passes["fuse"]): void {
  const { stored } = chosen;
  const groupOf = new Map<Tensor, Group>();
  for (const group of groups) {
    for (const member of group.members.keys()) {
      if (groupOf.has(member)) fail(`${String(member)} is in two groups`);
      if (!stored.has(member)) fail(`${String(member)} is in a group, but not stored`);
      groupOf.set(member, group);
    }
  }
  for (const x of topologicalOrder(roots)) {
    if (stored.has(x) && x.size > 0 && !groupOf.has(x)) fail(`${String(x)} is in no group`);
  }
  const expander = new Expander((x) => isInMemory(x, stored));
  for (const group of groups) {
    if (group.call) {
      verifyCall(group, group.call, chosen.inputs);
    } else {
      verifySizes(group);
      verifyReads(group, expander);
    }
  }
  verifyAcyclic(groups, groupOf);
}

/** The first member stands for a group. */
const nameOf = ({ members }: Group) => String([...members.keys()][0]);

/** An op with a kernel of its own has a group to itself. */
function verifyCall(
  { members, reads }: Group,
  call: Application,
  inputs: Passes["fuse"]["chosen"]["inputs"],
): void {
  for (const x of members.keys()) {
    if (!call.results.includes(x)) fail(`${String(x)} is in the group of ${call.op.name}`);
  }
  for (const x of inputs.get(call) ?? []) {
    if (!reads.has(x)) fail(`${call.op.name} reads ${String(x)} unnoticed`);
  }
}

/** Rows and columns are as many as the elements of the members, and lead to each of them once. */
function verifySizes(group: Group): void {
  const { rows, cols, members, place } = group;
  for (const [member, level] of members) {
    if (member.size !== (level === "row" ? rows : rows * cols)) {
      fail(`${String(member)} has ${member.size} elements in a group of ${rows}×${cols}`);
    }
  }
  if (!isOneToOne(place, rows * cols)) fail(`the group of ${nameOf(group)} misses elements`);
}

function verifyReads(group: Group, expander: Expander): void {
  const { members, place, cols, product } = group;
  const [row, column] = [group.row.key, place.key];
  for (const [member, level] of members) {
    const isFold = accumulates(member);
    if (member === product) continue;
    const pending = new Set(loadsOf(member, group, expander));
    for (const { tensor, index, inIndex } of pending) {
      const read = members.get(tensor);
      if (!read) {
        if (!group.reads.has(tensor))
          fail(`the group of ${nameOf(group)} reads ${String(tensor)} unnoticed`);
        continue;
      }
      const isOwn = !inIndex && index.key === (read === "row" ? row : column);
      // An element of a column is there while the loop over columns runs.
      const isThere = !(level === "row" && read === "column" && !isFold && cols > 1);
      if (isOwn && isThere) continue;
      if (isOwn) fail(`${String(member)} reads a column of ${String(tensor)} once for a row`);
      const isForRow = read === "column" && !accumulates(tensor) && !I.mentions(index, COLUMN);
      if (inIndex || !isForRow) {
        fail(`${String(member)} reads ${String(tensor)} of its own group elsewhere`);
      }
      for (const load of expander.loadsOf(expander.definition(tensor, index))) pending.add(load);
    }
  }
}

function loadsOf(member: Tensor, group: Group, expander: Expander): readonly LoadedElement[] {
  if (accumulates(member)) {
    return member.inputs.flatMap((y) => expander.loadsOf(expander.element(y, group.place)));
  }
  const place = group.members.get(member) === "row" ? group.row : group.place;
  return expander.loadsOf(expander.definition(member, place));
}

function verifyAcyclic(groups: readonly Group[], groupOf: ReadonlyMap<Tensor, Group>): void {
  const done = new Set<Group>();
  const open = new Set<Group>();
  for (const root of groups) {
    const pending = [{ group: root, isLeft: false }];
    for (let next = pending.pop(); next; next = pending.pop()) {
      const { group, isLeft } = next;
      if (isLeft) {
        open.delete(group);
        done.add(group);
        continue;
      }
      if (done.has(group)) continue;
      if (open.has(group)) fail(`the group of ${nameOf(group)} waits for itself`);
      open.add(group);
      pending.push({ group, isLeft: true });
      for (const tensor of group.reads) {
        const producer = groupOf.get(tensor);
        if (producer && producer !== group && !done.has(producer)) {
          pending.push({ group: producer, isLeft: false });
        }
      }
    }
  }
}
