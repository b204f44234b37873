import { rowOf } from "../../../base/dtype.ts";
import * as I from "../../../base/index-expr.ts";
import type { Fold } from "../../../graph/op.ts";
import { isAccumulated, type Nest, type Value } from "../../../plan/nest.ts";
import { partsOf, type Constant, type Local, type Scalar } from "../../../graph/scalar.ts";
import { COLUMN, ROW } from "../../../plan/loop-variables.ts";
import { forEachScalarAccess } from "./accesses.ts";
import type { BindingTable } from "./bindings.ts";
import { Emitter, Scope } from "./emit.ts";
import { LANES, Lanes } from "./lanes.ts";
import {
  isFold,
  isScan,
  LONGEST_IN_ONE,
  rowsTogether,
  threadsOf,
  type As,
  type Grid,
  type Layout,
} from "./layout.ts";

// A loop as the body of a WGSL function. A thread takes a row, or four neighbouring rows, or, where rows are few and
// long, a workgroup takes one or some, and several of its threads share the columns of each.

/** Counts the vectors of a row or column. */
const VECTOR: I.LoopVariable = { name: "q" };
/** Counts the turns in which several columns or vectors are taken. */
const TURN: I.LoopVariable = { name: "t" };

export interface LoopBody {
  lines: string[];
  /** Declarations that the body needs outside of it. */
  declarations: string[];
}

/** Longer loops are folded in blocks as long as there are many: the error of a sum grows with the terms that are added in turn. */
const blockOf = (steps: number) => 2 ** Math.round(Math.log2(steps) / 2);
/**
 * A turn takes several columns, or vectors, where they are many: CPU drivers are slow to carry states to the next turn. What
 * is more than this for each element takes longer so, and as many times as long to compile.
 */
const FEW_INSTRUCTIONS = 8;

/** Declares what a loop accesses element by element, before any of it is written. */
export function declareScalars(loop: Nest, layout: Layout, bindings: BindingTable): void {
  const isOfOneRow = ({ level }: Value) => layout.lanes !== "rows" && level === "row";
  forEachScalarAccess(loop, lanesOf(loop, layout), isOfOneRow, (x) => bindings.needsScalars(x));
}

/** The body of `fn part(group: u32, thread: u32, none: u32)`. `name` distinguishes what it declares outside. */
export function loopBody(
  loop: Nest,
  layout: Layout,
  bindings: BindingTable,
  grid: Grid,
  name: string,
): LoopBody {
  return new LoopWriter(loop, layout, bindings, grid, name).write();
}

/** The parts of the state of a fold, under their names. */
type FoldState = readonly Local[];

const computed = ({ dtype }: Constant | Local) => rowOf(dtype).computed;

class LoopWriter {
  readonly #loop: Nest;
  readonly #layout: Layout;
  readonly #grid: Grid;
  readonly #name: string;
  readonly #emitter: Emitter;
  readonly #outer = new Scope();
  /** What writes the values of rows, in the end. */
  readonly #rowStores: string[] = [];
  readonly #declarations: string[] = [];
  readonly #accumulated: readonly Value[];
  /** Rows of a workgroup where threads share them. */
  readonly #together: number;
  /** Which of those that share a row a thread is. */
  readonly #sharer: string;

  constructor(loop: Nest, layout: Layout, bindings: BindingTable, grid: Grid, name: string) {
    this.#loop = loop;
    this.#layout = layout;
    this.#grid = grid;
    this.#name = name;
    this.#emitter = new Emitter(bindings, lanesOf(loop, layout), loop.values);
    // Columns are counted by c, or in vectors by q.
    const variables = layout.lanes === "columns" ? [COLUMN, VECTOR] : [COLUMN];
    this.#emitter.hoisted = { variables, scope: this.#outer };
    this.#accumulated = loop.values.filter(isAccumulated);
    this.#together = rowsTogether(loop, layout, grid.size);
    this.#sharer = this.#together === 1 ? "thread" : "sharer";
  }

  get #isShared(): boolean {
    return this.#layout.sharers > 1;
  }

  /** Threads that share a row. */
  get #sharers(): number {
    return this.#isShared ? this.#grid.size / this.#together : 1;
  }

  write(): LoopBody {
    const { values } = this.#loop;
    const { lines } = this.#outer;
    lines.push(...(this.#isShared ? this.#takeSharedRow() : this.#takeRow()));

    const stages = new Map(values.map((v) => [v, this.#stageOf(v)]));
    const last = Math.max(-1, ...stages.values());
    const inStage = (stage: number) => (v: Value) => stages.get(v) === stage;
    const elements = (stage: number, level: Value["level"]) =>
      values.filter(inStage(stage)).filter((v) => v.level === level && v.place && !isFold(v));
    this.#computeRows(elements(-1, "row"));
    for (let stage = -1; stage <= last; stage++) {
      const folds = values.filter(isFold).filter(inStage(stage));
      const columns = elements(stage, "column");
      if (folds.length + columns.length === 0) continue;
      const scans = values.filter(isScan).filter((v) => stages.get(v)! <= stage);
      this.#loopOver(folds, scans, columns);
      this.#computeRows(folds.filter((v) => v.place));
      this.#computeRows(elements(stage + 1, "row"));
    }
    lines.push(...this.#rowStores);
    return { lines, declarations: this.#declarations };
  }

  /** The row of a thread, or its four. */
  #takeRow(): string[] {
    const label = this.#layout.lanes === "rows" ? "q" : "r";
    const count = threadsOf(this.#loop, this.#layout);
    const { size, isWider } = this.#grid;
    const row = `let ${label} = group * ${size}u + thread;`;
    // SwiftShader reads and writes faster where it knows that no thread has left.
    return count % size === 0 && !isWider ? [row] : [row, `if (${label} >= ${count}u) { return; }`];
  }

  /** The row that a thread shares. All threads of a workgroup return, or none. */
  #takeSharedRow(): string[] {
    const { rows } = this.#loop;
    const together = this.#together;
    const leave = this.#grid.isWider ? [`if (group >= ${rows / together}u) { return; }`] : [];
    if (together === 1) return [...leave, "let r = group;"];
    const [row, sharer] = this.#layout.acrossRows
      ? [`thread % ${together}u`, `thread / ${together}u`]
      : [`thread / ${this.#sharers}u`, `thread % ${this.#sharers}u`];
    return [...leave, `let sharer = ${sharer};`, `let r = group * ${together}u + ${row};`];
  }

  /** How many folds, one after the other, have to be over before a value can be computed, less one. */
  #stageOf({ parts }: Value, known = new Map<Scalar, number>()): number {
    const ofScalar = (x: Scalar): number => {
      const found = known.get(x);
      if (found !== undefined) return found;
      const own = x.kind === "load" && this.#accumulated.find((v) => v.tensor === x.tensor);
      const stage = own
        ? this.#stageOf(own, known) + Number(isFold(own))
        : Math.max(-1, ...partsOf(x).map(ofScalar));
      known.set(x, stage);
      return stage;
    };
    return Math.max(...parts.map(ofScalar));
  }

  get #rowLanes(): number {
    return this.#layout.lanes === "rows" ? LANES : 1;
  }

  /** One loop over the columns, with folds, with scans and with values for each column. */
  #loopOver(
    folds: readonly As<"fold">[],
    scans: readonly As<"scan">[],
    columns: readonly Value[],
  ): void {
    const { cols } = this.#loop;
    const { lanes } = this.#layout;
    const { lines } = this.#outer;
    const atOnce = this.#atOnce(folds, scans.length + columns.length);
    const [counted, width] = lanes === "columns" ? [VECTOR, LANES] : [COLUMN, 1];
    const steps = width * atOnce;
    const count = cols / steps;
    const counter = (atOnce > 1 ? TURN : counted).name;
    const rowsAlone = this.#emitter.lanes;
    if (atOnce > 1) {
      const { variable, vector } = rowsAlone!;
      const turn = I.variable(TURN, count);
      this.#emitter.lanes = new Lanes(variable, vector, { counted, turn, atOnce });
    }
    const stride = this.#sharers;
    const turns = Math.ceil(count / stride);
    const block = blockOf(turns) * stride;
    const blocked = folds.length > 0 && turns > LONGEST_IN_ONE;

    const [inner, outer] = [new Scope(), new Scope()];
    const states = folds.map((v) => this.#begin(v, this.#outer));
    const parts = blocked ? folds.map((v) => this.#begin(v, outer)) : states;
    for (const v of scans) this.#scan(v, steps, inner);
    folds.forEach((v, i) => this.#combine(v, parts[i], inner, steps));
    inner.lines.push(...this.#stores(columns, inner, Math.max(steps, this.#rowLanes)));

    const start = this.#isShared ? this.#sharer : "0u";
    const end = `${count}u${this.#grid.hidden}`;
    if (blocked) {
      outer.lines.push(
        `let last = min(block + ${block}u, ${count}u);`,
        ...forLoop(counter, "block", "last", stride, inner.lines),
      );
      folds.forEach(({ role: { fold } }, i) =>
        states[i].forEach((state, row) => this.#add(fold, state, parts[i][row], outer)),
      );
      lines.push(...forLoop("block", start, end, block, outer.lines));
    } else {
      lines.push(...forLoop(counter, start, end, stride, inner.lines));
    }
    this.#emitter.lanes = rowsAlone;
    const wholes = this.#isShared ? this.#share(folds, states.flat()) : states;
    folds.forEach((v, i) => this.#end(v, wholes[i]));
  }

  /** How many columns or vectors a turn takes; one where columns have `others`, values that are no folds. */
  #atOnce(folds: readonly As<"fold">[], others: number): number {
    const { atOnce } = this.#layout;
    if (others > 0 || atOnce === 1) return 1;
    const taken = folds.flatMap(({ parts, role }) => role.fold.combine(parts, parts));
    return this.#emitter.instructionsIn(taken) <= FEW_INSTRUCTIONS ? atOnce : 1;
  }

  /** Declares the states of a fold, one for each row that the thread takes. */
  #begin(v: As<"fold">, scope: Scope): FoldState[] {
    const { identity } = v.role.fold;
    return Array.from({ length: this.#rowLanes }, () => this.#declare(identity, scope));
  }

  /** Variables with first values. */
  #declare(values: readonly Constant[], scope: Scope): FoldState {
    return values.map((x) => {
      const name = this.#emitter.name();
      const first = this.#emitter.emit(x, scope, 0);
      scope.lines.push(`var ${name}: ${computed(x)} = ${first};`);
      return { ...x, kind: "local", name };
    });
  }

  /** Adds the elements of one step of the loop to the states, those that it takes at once by halves. */
  #combine(
    { parts, role }: As<"fold">,
    states: readonly FoldState[],
    inner: Scope,
    steps: number,
  ): void {
    const apart = this.#rowLanes;
    const lifted = (lane: number, count: number): readonly Scalar[] => {
      if (count === 1) return this.#emitter.emitAll(parts, inner, lane);
      const half = count / 2;
      return role.fold.combine(lifted(lane, half), lifted(lane + half * apart, half));
    };
    states.forEach((state, row) => this.#add(role.fold, state, lifted(row, steps), inner));
  }

  /** Adds what is folded elsewhere, as a block is, to a state. */
  #add(fold: Fold, state: FoldState, other: readonly Scalar[], scope: Scope): void {
    const next = this.#emitter.emitAll(fold.combine(state, other), scope, 0);
    state.forEach(({ name }, part) => scope.lines.push(`${name} = ${next[part].name};`));
  }

  /** Has the values of a scan follow each other in a loop, for each row that the thread takes. */
  #scan({ tensor, role: { scan }, parts }: As<"scan">, steps: number, scope: Scope): void {
    for (let row = 0; row < this.#rowLanes; row++) {
      const [state] = this.#declare([scan.identity], this.#outer);
      let now = state;
      for (let lane = row; lane < row + steps; lane++) {
        const elements = this.#emitter.emitAll(parts, scope, lane);
        [now] = this.#emitter.emitAll([scan.next(now, elements)], scope, 0);
        this.#emitter.define(tensor, lane, now.name);
      }
      scope.lines.push(`${state.name} = ${now.name};`);
    }
  }

  /** Finishes a fold. */
  #end(v: As<"fold">, states: readonly FoldState[]): void {
    const fold = v.role.fold;
    states.forEach((state, row) => {
      const [{ name }] = this.#emitter.emitAll([fold.finish(state)], this.#outer, row);
      for (let lane = row; lane < LANES; lane += this.#rowLanes) {
        this.#emitter.define(v.tensor, lane, name);
      }
    });
  }

  /** Puts the states of threads that share a row together: a tree over them, in the same order every time. */
  #share(folds: readonly As<"fold">[], states: readonly FoldState[]): FoldState[][] {
    const shared = states.map((state) =>
      state.map((own) => {
        const name = `${this.#name}_shared${this.#declarations.length}`;
        const array = `array<${computed(own)}, ${this.#grid.size}>`;
        this.#declarations.push(`var<workgroup> ${name}: ${array};`);
        return { own, name };
      }),
    );
    if (folds.length === 0) return [];
    /** What a thread has shared, as it is there when it is read. */
    const read = (i: number, place: string, scope: Scope): FoldState =>
      shared[i].map(({ own, name }) => {
        const copy = this.#emitter.name();
        scope.lines.push(`let ${copy} = ${name}[${place}];`);
        return { ...own, name: copy };
      });
    const scope = new Scope();
    // From a thread to the next with which it shares a row.
    const step = this.#layout.acrossRows ? this.#together : 1;
    const next = folds.flatMap((v, i) => {
      const [own, other] = ["thread", `thread + half * ${step}u`].map((place) =>
        read(i, place, scope),
      );
      return this.#emitter.emitAll(v.role.fold.combine(own, other), scope, 0);
    });
    const parts = shared.flat();
    this.#outer.lines.push(
      ...parts.map(({ own, name }) => `${name}[thread] = ${own.name};`),
      "workgroupBarrier();",
      `for (var half = ${this.#sharers / 2}u; half > 0u; half /= 2u) {`,
      `  if (${this.#sharer} < half) {`,
      ...scope.lines.map((line) => `    ${line}`),
      ...parts.map(({ name }, part) => `    ${name}[thread] = ${next[part].name};`),
      "  }",
      "  workgroupBarrier();",
      "}",
    );
    const first = `thread - ${this.#sharer} * ${step}u`;
    return folds.map((_, i) => [read(i, first, this.#outer)]);
  }

  /** Computes values of rows; they are stored when nothing is read any more, since a place may be read and written. */
  #computeRows(values: readonly Value[]): void {
    const stores = this.#stores(values, this.#outer, this.#rowLanes);
    // Threads that share a row all know its values.
    const own = (line: string) => `if (${this.#sharer} == 0u) { ${line} }`;
    this.#rowStores.push(...(this.#isShared ? stores.map(own) : stores));
  }

  /** The value of a row or column; that of a fold or scan is there already. */
  #value(v: Value, scope: Scope, lane: number): string {
    if (isAccumulated(v)) return this.#emitter.local(v.tensor, lane)!;
    return this.#emitter.emit(v.parts[0], scope, lane);
  }

  /** Computes values, and returns the lines that write them where they belong; the last rows of four may not be there. */
  #stores(values: readonly Value[], scope: Scope, lanes: number): string[] {
    const { rows } = this.#loop;
    const isUneven = this.#layout.lanes === "rows" && rows % LANES > 0;
    const row = I.variable(ROW, rows);
    return values.flatMap((v) => {
      const names = Array.from({ length: lanes }, (_, lane) => this.#value(v, scope, lane));
      const lines = this.#emitter.stores(v, names, scope);
      return lines.map((line, lane) =>
        isUneven && lane > 0
          ? `if (${this.#emitter.index(row, this.#outer, lane)} < ${rows}u) { ${line} }`
          : line,
      );
    });
  }
}

const forLoop = (
  name: string,
  start: string,
  end: string,
  step: number,
  body: readonly string[],
): string[] => [
  `for (var ${name} = ${start}; ${name} < ${end}; ${name} += ${step}u) {`,
  ...indented(body),
  "}",
];

const indented = (lines: readonly string[]) => lines.map((line) => `  ${line}`);

function lanesOf({ rows, cols }: Nest, { lanes }: Layout): Lanes | null {
  if (!lanes) return null;
  const [variable, length] = lanes === "rows" ? [ROW, rows] : [COLUMN, cols];
  return new Lanes(variable, I.variable(VECTOR, Math.ceil(length / LANES)));
}
