import type { Tensor } from "../../graph/tensor.ts";
import { alignedBytes } from "../memory.ts";
import { tensorsRead, tensorsWritten } from "../nest.ts";
import type { Passes } from "../passes.ts";
import { fail } from "./fail.ts";

/** Offsets at which every device binds buffers. */
const ALIGNMENT = 256;

/** A run of bytes that belongs to a value from one step to another. */
interface Life {
  x: Tensor;
  first: number;
  last: number;
  start: number;
  end: number;
}

/**
 * All that is used has a place; no two values share bytes of the arena while both are alive, and all lie inside of it,
 * aligned; no kernel writes to an argument.
 */
export function verifyMemory({ program, plan }: Passes["memory"]): void {
  verifyArguments(program.inputs, plan);
  const { memory, outputs, copies } = plan;
  for (const x of [...outputs, ...copies.map((c) => c.value)]) {
    if (!memory.places.has(x)) fail(`${String(x)} has no place`);
  }
  const lives = livesIn(plan).toSorted((a, b) => a.first - b.first);
  let alive: Life[] = [];
  for (const life of lives) {
    const { x, first, start, end } = life;
    if (start % ALIGNMENT !== 0 || end > memory.size) fail(`${String(x)} lies outside`);
    alive = alive.filter((other) => other.last >= first);
    const other = alive.find((o) => o.start < end && start < o.end);
    if (other) fail(`${String(x)} and ${String(other.x)} share memory in step ${first}`);
    alive.push(life);
  }
}

/** From which step to which each value of the arena is used, those in packed buffers with all of their buffer. */
function livesIn({ steps, packed, memory, outputs, copies }: Passes["memory"]["plan"]): Life[] {
  const lives = new Map<Tensor, Life>();
  const wholeOf = new Map(
    [...packed].flatMap(([buffer, { members }]) => members.map((m) => [m, buffer])),
  );
  const use = (part: Tensor, step: number) => {
    const x = wholeOf.get(part) ?? part;
    const place = memory.places.get(x);
    if (!place) fail(`${String(x)} has no place`);
    if (place.kind !== "arena") return;
    const start = place.offset;
    const life = lives.get(x) ?? {
      x,
      first: step,
      last: step,
      start,
      end: start + alignedBytes(x),
    };
    lives.set(x, { ...life, first: Math.min(life.first, step), last: Math.max(life.last, step) });
  };
  steps.forEach((parts, step) => {
    for (const x of parts.flatMap((l) => [...tensorsRead(l), ...tensorsWritten(l)])) use(x, step);
  });
  for (const x of [...outputs, ...copies.map((c) => c.value)]) use(x, steps.length);
  return [...lives.values()];
}

function verifyArguments(
  inputs: readonly Tensor[],
  { steps, memory }: Passes["memory"]["plan"],
): void {
  const written = new Set(steps.flat().flatMap(tensorsWritten));
  let end = 0;
  inputs.forEach((x, i) => {
    const place = memory.places.get(x);
    if (place?.kind !== "argument") fail(`argument ${i} has no place`);
    if (written.has(x)) fail(`argument ${i} is written`);
    if (place.offset % ALIGNMENT !== 0 || place.offset < end)
      fail(`argument ${i} lies over others`);
    end = place.offset + alignedBytes(x);
  });
  if (end > memory.argumentSize) fail("the arguments have too little room");
}
