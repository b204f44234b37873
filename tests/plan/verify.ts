import { alignedBytes } from "../../src/plan/memory.ts";
import { tensorsRead, tensorsWritten } from "../../src/plan/nest.ts";
import { bindingKey, type KernelPlan, type Limits } from "../../src/plan/plan.ts";
import type { Program } from "../../src/graph/program.ts";
import type { Tensor } from "../../src/graph/tensor.ts";

// What holds of every plan, checked without running it.

/** Throws what is wrong with a plan. */
export function verifyPlan(plan: KernelPlan, program: Program, limits: Limits): void {
  verifyOrder(plan);
  verifyMemory(plan, program);
  verifyBindings(plan, limits);
}

/** Every value is written once, and by a step before those that read it. */
export function verifyOrder({ steps, packed, memory, outputs }: KernelPlan): void {
  const parts = (x: Tensor) => packed.get(x)?.members ?? [x];
  const written = new Set<Tensor>();
  steps.forEach((loops, step) => {
    for (const x of loops.flatMap(tensorsRead).flatMap(parts)) {
      if (!x.source && !written.has(x))
        throw new Error(`step ${step} reads ${String(x)} too early`);
    }
    for (const x of loops.flatMap(tensorsWritten).flatMap(parts)) {
      if (written.has(x)) throw new Error(`step ${step} writes ${String(x)} again`);
      written.add(x);
    }
  });
  for (const x of outputs) {
    if (x.op && x.size > 0 && !written.has(x)) throw new Error(`nothing writes ${String(x)}`);
    if (!memory.places.has(x)) throw new Error(`${String(x)} has no place`);
  }
}

interface Life {
  x: Tensor;
  first: number;
  last: number;
  start: number;
  end: number;
}

/**
 * No two values share bytes of the arena while both are alive, and all lie inside of it, aligned; no kernel writes to an
 * argument.
 */
export function verifyMemory(
  { steps, packed, memory, outputs, copies }: KernelPlan,
  { inputs }: Pick<Program, "inputs">,
): void {
  const lives = new Map<Tensor, Life>();
  const wholeOf = new Map(
    [...packed].flatMap(([buffer, { members }]) => members.map((m) => [m, buffer])),
  );
  const use = (part: Tensor, step: number) => {
    const x = wholeOf.get(part) ?? part;
    const place = memory.places.get(x);
    if (place?.kind !== "arena") return;
    const life = lives.get(x) ?? {
      x,
      first: step,
      last: step,
      start: place.offset,
      end: place.offset + alignedBytes(x),
    };
    lives.set(x, { ...life, first: Math.min(life.first, step), last: Math.max(life.last, step) });
  };
  const written = new Set(steps.flat().flatMap(tensorsWritten));
  let end = 0;
  for (const x of inputs) {
    const place = memory.places.get(x);
    if (place?.kind !== "argument" || written.has(x)) throw new Error(`${String(x)} is written`);
    if (place.offset % 256 !== 0 || place.offset < end) throw new Error(`${String(x)} lies apart`);
    end = place.offset + alignedBytes(x);
  }
  if (end > memory.argumentSize) throw new Error("the arguments have too little room");
  steps.forEach((loops, step) => {
    for (const x of loops.flatMap((l) => [...tensorsRead(l), ...tensorsWritten(l)])) use(x, step);
  });
  for (const x of [...outputs, ...copies.map((c) => c.value)]) use(x, steps.length);
  const all = [...lives.values()];
  for (const [i, a] of all.entries()) {
    if (a.start % 256 !== 0 || a.end > memory.size) throw new Error(`${String(a.x)} lies outside`);
    for (const b of all.slice(i + 1)) {
      const together = a.first <= b.last && b.first <= a.last;
      if (together && a.start < b.end && b.start < a.end) {
        throw new Error(
          `${String(a.x)} and ${String(b.x)} share memory in step ${Math.max(a.first, b.first)}`,
        );
      }
    }
  }
}

/** No kernel binds more than a device allows. */
export function verifyBindings({ steps, inPlace, packed }: KernelPlan, { bindings }: Limits): void {
  steps.forEach((loops, step) => {
    const keys = new Set(
      loops
        .flatMap((l) => [...tensorsRead(l), ...tensorsWritten(l)])
        .map((x) => bindingKey(x, inPlace, packed)),
    );
    if (keys.size > bindings) throw new Error(`step ${step} binds ${keys.size} buffers`);
  });
}
