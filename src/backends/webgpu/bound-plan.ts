import type { KernelPlan } from "../../plan/plan.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { Position } from "./device/copy.ts";
import { boundBytes, type Slot } from "./kernels/bindings.ts";
import { GRID_X } from "./kernels/kernel.ts";
import { Placements } from "./placements.ts";
import type { PreparedKernel } from "./prepared-kernels.ts";
import type { WebGpuBackend } from "./webgpu-backend.ts";

/** A dispatch ready to be encoded. */
export interface BoundDispatch {
  pipeline: GPUComputePipeline;
  bindGroup: GPUBindGroup;
  x: number;
  y: number;
}

/** Where a plan's values lie, and its dispatches with their buffers. */
export class BoundPlan {
  readonly #backend: WebGpuBackend;
  readonly #layout: KernelPlan;
  readonly #kernels: readonly PreparedKernel[];
  /** Which state of the variables' places it was made for. */
  readonly #homes: number;
  readonly #arena: GPUBuffer;
  readonly #arguments: GPUBuffer;
  /** Those that find all arguments among those of the plan. */
  readonly dispatches: readonly BoundDispatch[];
  /** Those that find some at places of their own. */
  readonly #placed = new Placements<readonly BoundDispatch[]>();

  constructor(backend: WebGpuBackend, layout: KernelPlan, kernels: readonly PreparedKernel[]) {
    const { homes, buffers } = backend.session;
    this.#backend = backend;
    this.#layout = layout;
    this.#kernels = kernels;
    this.#homes = homes.version;
    this.#arena = buffers.arena(layout.memory.size, "values");
    this.#arguments = buffers.arena(layout.memory.argumentSize, "arguments");
    this.dispatches = this.#bind([]);
  }

  /** Whether it still holds for these kernels, with the variables where they lie now. */
  holdsFor(kernels: readonly PreparedKernel[]): boolean {
    return this.#kernels === kernels && this.#homes === this.#backend.session.homes.version;
  }

  /** Where a value of the plan lies. */
  place(x: Tensor): Position {
    const place = this.#layout.memory.places.get(x);
    switch (place?.kind) {
      case "arena":
        return { buffer: this.#arena, offset: place.offset };
      case "argument":
        return { buffer: this.#arguments, offset: place.offset };
      case "variable":
        return this.#backend.session.homes.of(place.variable);
      default:
        // A source; what has no place has no value either, which is said there.
        return this.#backend.placeOf(place?.tensor ?? x);
    }
  }

  /** The dispatches for arguments at these places, null standing for one among those of the plan; null where there are too many such. */
  dispatchesAt(places: readonly (Position | null)[]): readonly BoundDispatch[] | null {
    return this.#placed.of(places, () => this.#bind(places, this.dispatches));
  }

  /** All dispatches, with each argument at its own place where there is one; kernels that read none are `others`. */
  #bind(
    args: readonly (Position | null)[],
    others: readonly BoundDispatch[] = [],
  ): BoundDispatch[] {
    const { gpu, session } = this.#backend;
    const ownPlace = ({ tensor }: Slot) => {
      const place = this.#layout.memory.places.get(tensor);
      return place?.kind === "argument" ? (args[place.position] ?? null) : null;
    };
    return this.#kernels.map((kernel, i) => {
      const { name, slots, workgroups, pipeline } = kernel;
      if (others[i] && !slots.some(ownPlace)) return others[i];
      const entries = slots.map((slot) => {
        const place = ownPlace(slot) ?? this.place(slot.tensor);
        return { binding: slot.index, resource: { ...place, size: boundBytes(slot) } };
      });
      const layout = session.pipelines.layoutOf(kernel).group;
      return {
        pipeline,
        bindGroup: gpu.createBindGroup({ label: name, layout, entries }),
        x: Math.min(workgroups, GRID_X),
        y: Math.ceil(workgroups / GRID_X),
      };
    });
  }
}

/** Writes dispatches into a pass, setting each pipeline where it changes. */
export function encode(pass: GPUComputePassEncoder, dispatches: readonly BoundDispatch[]): void {
  let last: GPUComputePipeline | null = null;
  for (const { pipeline, bindGroup, x, y } of dispatches) {
    if (pipeline !== last) pass.setPipeline(pipeline);
    last = pipeline;
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(x, y);
  }
}
