import { ValueError } from "../base/errors.ts";
import { isPlainObject } from "../base/tree.ts";
import { currentTrace } from "../graph/trace.ts";
import { Variable } from "../graph/variable.ts";
import type { Tensor } from "../graph/tensor.ts";

/**
 * Something with weights. Variables and modules in the fields of a module, also in arrays and plain objects there,
 * belong to it; a variable that is found twice counts once. Those in private fields (#w), Maps and Sets are not found, so
 * they are neither trained nor saved.
 */
export abstract class Module {
  #training = true;

  /**
   * What the module makes of its inputs; a module of one's own says how.
   * @param inputs one tensor, for a layer; or whatever the module takes
   * @returns what the module makes of them
   */
  abstract forward(...inputs: never[]): unknown;

  /**
   * Whether it is being trained: dropout and the like ask. A compiled function that read it follows it. Set by itself, it
   * is the mode of this module alone.
   */
  get training(): boolean {
    currentTrace()?.dependOn(this, () => this.#training);
    return this.#training;
  }

  set training(training: boolean) {
    const before = this.#training;
    const trace = currentTrace();
    trace?.dependOn(this);
    trace?.act(
      () => (this.#training = training),
      () => (this.#training = before),
    );
    this.#training = training;
  }

  /**
   * Puts it and the modules in it into training mode.
   * @returns the module
   * @throws ValueError where two fields are saved by the same path
   */
  train(): this {
    return this.#set(true);
  }

  /**
   * Puts it and the modules in it into evaluation mode.
   * @returns the module
   * @throws ValueError where two fields are saved by the same path
   */
  eval(): this {
    return this.#set(false);
  }

  #set(training: boolean): this {
    for (const module of contentsOf(this).modules) module.training = training;
    return this;
  }

  /**
   * The variables that are trained, in order.
   * @returns each once
   * @throws ValueError where two fields are saved by the same path
   */
  parameters(): Variable[] {
    return Object.values(this.namedVariables()).filter((v) => v.trainable);
  }

  /**
   * All variables by their paths, such as "norm.weight", in order.
   * @returns trained ones and others, as they are saved
   * @throws ValueError where two fields are saved by the same path
   */
  namedVariables(): Record<string, Variable> {
    return contentsOf(this).variables;
  }
}

/** A module of one tensor: what `sequential` and `fit` take. */
export interface Layer extends Module {
  /**
   * What the layer makes of a tensor.
   * @param x the input, a batch of rows along its first axis
   * @returns the output
   */
  forward(x: Tensor): Tensor;
}

interface Contents {
  variables: Record<string, Variable>;
  /** The module itself and those in it. */
  modules: Module[];
}

/** What is in a module, each once, in order. */
export function contentsOf(root: Module): Contents {
  const found: Contents = { variables: {}, modules: [] };
  const seen = new Set<unknown>();
  const visit = (value: unknown, path: string): void => {
    if (seen.has(value)) return;
    seen.add(value);
    if (value instanceof Variable) {
      if (Object.hasOwn(found.variables, path)) {
        throw new ValueError(
          `a module has two variables with the path "${path}"; rename one of the fields`,
        );
      }
      found.variables[path] = value;
    } else if (value instanceof Module || Array.isArray(value) || isPlainObject(value)) {
      if (value instanceof Module) found.modules.push(value);
      for (const [key, part] of Object.entries(value)) visit(part, path ? `${path}.${key}` : key);
    }
  };
  visit(root, "");
  return found;
}
