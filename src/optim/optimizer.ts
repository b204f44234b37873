import { checkNumber } from "../base/check-number.ts";
import { checkInstance, describeValue } from "../base/describe-value.ts";
import { ArgumentError, DtypeError, ShapeError, ValueError } from "../base/errors.ts";
import { isFloat } from "../base/dtype.ts";
import { checkList, sameShape, show } from "../base/shape.ts";
import { gradientsOf } from "../autodiff/gradients.ts";
import { evaluate } from "../graph/evaluate.ts";
import { Tensor } from "../graph/tensor.ts";
import { currentTrace, withTrace } from "../graph/trace.ts";
import { Variable } from "../graph/variable.ts";
import { add } from "../ops/arithmetic.ts";
import { everywhere } from "../ops/broadcast.ts";
import { cast } from "../ops/cast.ts";
import { tensor } from "../ops/create.ts";
import { jointNorm } from "../ops/norm.ts";
import { clip } from "../ops/piecewise.ts";
import { scaledToNorm } from "./clip.ts";
import type { Schedule } from "./schedules.ts";

/** What every optimizer takes. */
export interface OptimizerOptions {
  /** A number ≥ 0, or a function of the number of updates made so far. */
  learningRate?: number | Schedule;
  /** Gradients are clipped element by element to this distance from 0. */
  clipValue?: number;
  /** Gradients are scaled down until their norm, taken as one vector, is at most this. */
  clipNorm?: number;
}

/** Their names. */
export const optimizerOptions = ["learningRate", "clipValue", "clipNorm"] as const;

/** Scalars that the updates of all parameters share. */
export interface Step {
  /** The number of this update, from 1. */
  t: Tensor;
  /** The rate of this update. */
  learningRate: Tensor;
}

/** A parameter's new value, and that of what is kept about it. */
export interface Update extends Record<string, Tensor> {
  /** The parameter's new value. */
  parameter: Tensor;
}

/** The formula of an optimizer. */
export interface Rule {
  /** What errors call it. */
  name: string;
  /** The state kept for each parameter, by name, with the initial value of every element. */
  state: Record<string, number>;
  /**
   * The update in this step: one and the same elementwise expression for every parameter p with its gradient g.
   * @param step the number of the update, and its learning rate
   * @returns the expression
   */
  update(step: Step): (p: Tensor, g: Tensor, state: Record<string, Tensor>) => Update;
}

/** Updates parameters by their gradients. Its state is kept in variables, which are made with it. */
export class Optimizer {
  /** Each once. */
  readonly parameters: readonly Variable[];
  /** The number of updates made. */
  readonly step: Variable;
  readonly #rule: Rule;
  readonly #options: OptimizerOptions;
  readonly #rate: Variable;
  /** Each parameter, and what is kept about it. */
  readonly #state: readonly Record<keyof Update, Variable>[];
  #learningRate: number | Schedule;
  /** The loss of the last update outside of traces, which someone may read yet. */
  #loss: WeakRef<Tensor> | null = null;

  /**
   * @param rule the formula
   * @param parameters those of a model: `model.parameters()`
   * @param options learning rate and clipping
   * @throws ValueError where an option is out of range
   * @throws DtypeError where a parameter is not float32
   */
  constructor(rule: Rule, parameters: readonly Variable[], options: OptimizerOptions) {
    const { learningRate = 0 } = options;
    checkOptions(rule.name, parameters, options);
    this.#rule = rule;
    this.#options = options;
    this.#learningRate = learningRate;
    this.parameters = [...new Set(parameters)];
    // An optimizer made while a function is traced has a state that outlasts the trace.
    [this.step, this.#rate, this.#state] = withTrace(null, () => [
      new Variable(tensor(0, { dtype: "int32" }), false),
      new Variable(tensor(typeof learningRate !== "function" ? learningRate : 0), false),
      this.parameters.map((parameter) => {
        const state: Record<keyof Update, Variable> = { parameter };
        for (const key in rule.state) {
          state[key] = new Variable(everywhere(rule.state[key], parameter.shape), false);
        }
        return state;
      }),
    ]);
  }

  /**
   * The learning rate; a new number is written to the device, and no function is traced again for it but those that
   * read it here: what changes within a step is a schedule.
   */
  get learningRate(): number | Schedule {
    currentTrace()?.dependOn(this.#rate, () => this.#learningRate);
    return this.#learningRate;
  }

  set learningRate(value: number | Schedule) {
    if (typeof value !== "function") {
      checkRate(this.#rule.name, value);
      this.#rate.assign(tensor(value));
    }
    const before = this.#learningRate;
    const trace = currentTrace();
    trace?.dependOn(this);
    trace?.act(
      () => (this.#learningRate = value),
      () => (this.#learningRate = before),
    );
    this.#learningRate = value;
  }

  /**
   * One update along the gradients of a loss, a scalar. A parameter that the loss does not depend on has gradient 0.
   * Outside of `compile` the update before is carried out first.
   * @param loss float32, of one element
   * @throws ShapeError where the loss is no scalar
   * @throws GradientError where a parameter has no gradient, as `gradients` says
   */
  minimize(loss: Tensor): void {
    checkInstance("minimize", loss, Tensor);
    if (loss.size !== 1) {
      throw new ShapeError(
        `minimize: the loss has shape ${show(loss.shape)} and is not a scalar; reduce it, as in loss.mean()`,
      );
    }
    const gradients = gradientsOf("minimize", loss, this.parameters);
    if (!currentTrace()) this.#carryOut(loss);
    this.apply(gradients);
  }

  /**
   * Has the last update carried out, and the loss computed that it minimized: so a loop that reads nothing repeats one plan,
   * and does not wait for a long one to be made of many updates.
   */
  #carryOut(next: Tensor): void {
    const last = this.#loss?.deref();
    if (this.#loss) evaluate(last && !last.disposed ? [last] : [], this.step.backend);
    this.#loss = new WeakRef(next);
  }

  /**
   * One update by the given gradients, each of its parameter's shape, in the order of `parameters`.
   * @param gradients as many as there are parameters
   * @throws ShapeError where a gradient has another shape than its parameter
   * @throws ValueError where there are more or less of them than parameters
   * @throws DtypeError where a gradient is not float32
   */
  apply(gradients: readonly Tensor[]): void {
    let clipped = this.#valuesOf(gradients);
    const { clipValue, clipNorm } = this.#options;
    if (clipValue) clipped = clipped.map((g) => clip(g, -clipValue, clipValue));
    if (clipNorm) clipped = scaledToNorm(clipped, jointNorm(clipped), clipNorm);

    const made = this.step.value;
    const next = add(made, 1);
    const learningRate = this.#rateAt(made);
    const update = this.#rule.update({ t: cast(next, "float32"), learningRate });
    this.#state.forEach((state, i) => {
      const values = update(state.parameter.value, clipped[i], state);
      for (const key in values) state[key].assign(values[key]);
    });
    this.step.assign(next);
  }

  #rateAt(made: Tensor): Tensor {
    const schedule = () => (typeof this.#learningRate !== "function" ? null : this.#learningRate);
    currentTrace()?.dependOn(this, schedule);
    const rateAt = schedule();
    const rate: unknown = rateAt ? rateAt(cast(made, "float32")) : this.#rate;
    if (rate instanceof Tensor && rate.rank === 0) return rate.value;
    checkRate(this.#rule.name, rate);
    return tensor(rate);
  }

  /** The gradients, checked; of variables the values from before the update. */
  #valuesOf(gradients: readonly Tensor[]): Tensor[] {
    const { name } = this.#rule;
    checkList(name, "gradients are a list, one for each parameter", gradients);
    if (gradients.length !== this.parameters.length) {
      throw new ValueError(
        `${name}: ${gradients.length} gradients for ${this.parameters.length} parameters`,
      );
    }
    return gradients.map((g, i) => {
      const { shape } = this.parameters[i];
      checkInstance(name, g, Tensor);
      if (!isFloat(g.dtype)) {
        throw new DtypeError(`${name}: gradient ${i} is ${g.dtype}, its parameter float32`);
      }
      if (!sameShape(g.shape, shape)) {
        throw new ShapeError(
          `${name}: gradient ${i} has shape ${show(g.shape)}, its parameter ${show(shape)}`,
        );
      }
      return g.value;
    });
  }

  /**
   * Its state by name, such as "firstMoment.0" for the first parameter: all that is needed to resume training with an
   * optimizer that was made alike. A learning rate that was set since is not in it; a schedule goes on by the step.
   * @returns the state, as it is saved
   */
  namedVariables(): Record<string, Variable> {
    const named: Record<string, Variable> = { step: this.step };
    for (const key in this.#rule.state) {
      this.#state.forEach((state, i) => (named[`${key}.${i}`] = state[key]));
    }
    return named;
  }

  /** Puts its state back to what it was before the first update. */
  reset(): void {
    this.step.assign(tensor(0, { dtype: "int32" }));
    for (const key in this.#rule.state) {
      this.#state.forEach(({ [key]: v }) => v.assign(everywhere(this.#rule.state[key], v.shape)));
    }
  }
}

const isRate = (value: number) => value >= 0 && value < Infinity;

function checkOptions(
  name: string,
  parameters: readonly Variable[],
  { learningRate = 0, ...numbers }: OptimizerOptions,
): void {
  if (!Array.isArray(parameters) || ![...parameters].every((p) => p instanceof Variable)) {
    throw new ArgumentError(
      `${name}: parameters are variables in a list, as in model.parameters()`,
    );
  }
  if (parameters.length === 0) throw new ValueError(`${name}: there are no parameters to train`);
  for (const p of parameters) {
    if (!isFloat(p.dtype)) {
      throw new DtypeError(`${name}: parameters are float32, got ${p.dtype}${show(p.shape)}`);
    }
  }
  if (typeof learningRate !== "function") checkRate(name, learningRate);
  for (const [option, value] of Object.entries<unknown>(numbers)) {
    const label = `${name}: ${option}`;
    if (value === undefined) continue;
    if (/^(nesterov|centered|amsgrad)/.test(option)) {
      if (typeof value === "boolean") continue;
      throw new ArgumentError(`${label} is a boolean, got ${describeValue(value)}`);
    }
    if (/clip/.test(option)) checkNumber(label, value, "a positive number", (v) => v > 0);
    else if (/^(alpha|beta)/.test(option)) {
      checkNumber(label, value, "between 0 and 1, and not 1", (v) => v >= 0 && v < 1);
    } else checkNumber(label, value, "a number ≥ 0", isRate);
  }
}

function checkRate(name: string, value: unknown): asserts value is number {
  checkNumber(`${name}: a learning rate`, value, "a number ≥ 0 or a schedule", isRate);
}
