import type { Dtype } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import type { Dispatch } from "../graph/backend.ts";

/** Why no dispatch computes a node: it is there before; it has the elements of another as they lie; nothing needs its value. */
export type NotDispatched = "given" | "as it lies" | "not needed";

/** A node of the graph, and what became of it. */
export interface InspectedNode {
  /** Unique among the nodes; ascending ids are an order of computation. */
  id: number;
  /** The op, or what kind of source it is: input, variable, constant, stored. */
  op: string;
  /** Of its value. */
  shape: Shape;
  /** Of its value. */
  dtype: Dtype;
  /** The ids of its arguments. */
  inputs: readonly number[];
  /** The number of the dispatch that is the first to compute its value; or why there is none. */
  dispatch: number | NotDispatched;
  /** All that compute it or a part of it: what is cheap is computed again for each that reads it. */
  dispatches: readonly number[];
}

/** What a dispatch reads or writes. */
export interface Binding {
  /** `@binding(index)` of its shader. */
  index: number;
  /** As the shader declares it. */
  access: "read" | "read_write";
  /** Whether it writes there. */
  isWritten: boolean;
  /** The numbers of the blocks of memory: several where they lie side by side. */
  blocks: readonly number[];
}

/** A dispatch with what it binds. */
export interface InspectedDispatch extends Dispatch {
  /** How many of them run. */
  workgroups: number;
  /** By the numbers of the shader. */
  bindings: readonly Binding[];
}

/** A run of bytes that belongs to a value from one dispatch to another. */
export interface MemoryBlock {
  /** Temporary values share one buffer, and arguments another; variables and constants lie in buffers of their own. */
  kind: "temporary" | "argument" | "variable" | "constant";
  /** The first of its bytes in the buffer of temporary values or of arguments; 0 for others. */
  offset: number;
  /** Alignment included. */
  bytes: number;
  /** It is alive from this dispatch to that; the number behind the last means that it outlives them. */
  first: number;
  /** The last dispatch that it is alive for. */
  last: number;
  /** The ids of the nodes whose value it holds, or else of those in whose computation it is an intermediate value; none for scratch memory. */
  nodes: readonly number[];
}

/** A plan in full: where each node of the graph went, what each dispatch binds, and where each value lies. */
export interface Inspection {
  /** Of the graph as it was written, inputs before users. */
  nodes: readonly InspectedNode[];
  /** In the order in which they run. */
  dispatches: readonly InspectedDispatch[];
  /** All that lies in memory. */
  blocks: readonly MemoryBlock[];
  /** Bytes of the buffer that all temporary values share. */
  temporaryBytes: number;
  /** Bytes of that of the arguments. */
  argumentBytes: number;
}
