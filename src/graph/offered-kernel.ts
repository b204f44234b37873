import type { DeclaredBinding, Settings } from "../base/link.ts";
import type { Application } from "./application.ts";
import type { Spec } from "./op.ts";
import type { Tensor } from "./tensor.ts";

/** The device that a program is lowered for, as far as the kernels that ops offer depend on it. */
export interface Target {
  /** Storage buffers that a kernel may bind. */
  readonly bindings: number;
  /** Bytes that the threads of a workgroup may share. */
  readonly workgroupMemory: number;
  /** Threads of a workgroup at most. */
  readonly workgroupSize: number;
  /** Whether shaders run on a CPU, where barriers are expensive and few threads run at a time. */
  readonly software: boolean;
  readonly longRows: LongRows;
}

/** Which rows are folded by blocks and in two dispatches, since one would leave most of the device idle. */
export interface LongRows {
  /** There are fewer of them. */
  readonly rows: number;
  /** Elements of the shortest: a second dispatch takes time as well. */
  readonly shortest: number;
  /** Blocks of all rows together that keep the device busy. */
  readonly blocks: number;
  /** Elements of a block at least, so that what is folded of all blocks is little. */
  readonly shortestBlock: number;
}

/** One dispatch of a kernel: a file of shaders/ and what it is specialised to. */
export interface Stage {
  /** The name of the file, for messages and plans. */
  readonly name: string;
  readonly wgsl: string;
  readonly set: Settings;
  /** Names of the kernel for names that the shader has others for. */
  readonly bind?: Readonly<Record<string, string>>;
  /** Workgroups in all; those beyond the 65,535 of x lie along y. */
  readonly workgroups: number;
}

/**
 * How an op is carried out by shaders of its own rather than by what it is made of. Buffers have the names by which the
 * shaders declare them, and a stage binds those that its shader declares. Inputs and results are whole and row-major.
 */
export interface OpKernel {
  readonly inputs: readonly string[];
  readonly results: readonly string[];
  /** Memory that the stages share. As nothing clears it, a stage writes what a later one reads. */
  readonly scratch?: Readonly<Record<string, Spec>>;
  /** In order: each sees all that those before it wrote. */
  readonly stages: readonly Stage[];
  /** Writes the shaders of a call, one for each stage, which has a table of bindings. */
  write<T extends Bindings>(
    call: Call,
    newTable: () => T,
  ): { name: string; wgsl: string; table: T; workgroups: number }[];
}

/** An op that is carried out by a kernel of its own. */
export interface Call {
  readonly application: Application;
  readonly kernel: OpKernel;
  /** What is bound for the inputs. */
  readonly operands: readonly Tensor[];
  readonly scratch: readonly Tensor[];
}

/** The bindings of a shader, as a backend keeps them. */
export interface Bindings {
  /** The binding of a tensor, which gets one when it is first asked for. */
  slot(x: Tensor, written: boolean): { readonly index: number };
  accessOf(slot: { readonly index: number }): DeclaredBinding["access"];
}
