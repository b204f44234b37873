import { tensor, type Tensor } from "cotangent";
import { checkOf, type Check } from "./checks.ts";
import { compare, type Failure } from "./compare.ts";
import type { Case, Stored } from "./format.ts";
import { checkLarge } from "./large.ts";
import { ruleOf } from "./registry.ts";
import type { Tensors } from "./rules/rule.ts";
import type { Backend } from "./tolerance.ts";
import { truthOf } from "./truth.ts";

export interface Outcome {
  status: "passed" | "failed" | "unsupported";
  failures: Failure[];
  /** What went wrong before anything could be compared. */
  error?: string;
  /** Parts of the case that nothing in the library computes. */
  unchecked: string[];
}

const unsupported: Outcome = { status: "unsupported", failures: [], unchecked: [] };

/** Runs a case on the current device and compares all that it holds. */
export async function runCase(c: Case, backend: Backend): Promise<Outcome> {
  try {
    const failures = await failuresOf(c, backend);
    if (!failures) return unsupported;
    const parts = c.fill ? [] : checkOf(c, backend)!.parts;
    const unchecked = [...c.tensors.keys()].filter((part) => isTruth(part) && !isIn(parts, part));
    return { status: failures.length > 0 ? "failed" : "passed", failures, unchecked };
  } catch (error) {
    return { status: "failed", failures: [], error: String(error), unchecked: [] };
  }
}

async function failuresOf(c: Case, backend: Backend): Promise<Failure[] | null> {
  if (c.fill) {
    const rule = ruleOf(c);
    return rule ? checkLarge(c, rule, backend) : null;
  }
  const check = checkOf(c, backend);
  return check && checkStored(c, check, backend);
}

/** Whether a tensor is a result in float64, but for those of large cases, which are looked at by place. */
const isTruth = (part: string) => /^(?!val)\w+64\./.test(part);

const isIn = (parts: readonly string[], part: string) => parts.includes(part.split(".")[0]);

const MOST_SINGLE = 2 ** 128 - 2 ** 103;

/** Computes what a case stores and compares it, tensor by tensor. */
async function checkStored(
  c: Case,
  { run, parts, bounds }: Check,
  backend: Backend,
): Promise<Failure[]> {
  const given: Tensors = {};
  for (const [name, stored] of c.tensors) {
    if (/^(in|tan|gout|v)\./.test(name)) given[name] = toTensor(stored);
  }
  const results = run(given);
  const failures: Failure[] = [];
  for (const part of c.tensors.keys()) {
    if (!isIn(parts, part)) continue;
    const truth = truthOf(c, part);
    const result = results[part];
    if (!result) throw new Error(`${part} was not computed`);
    if (result.shape.join() !== truth.shape.join()) {
      throw new Error(`${part} has shape [${result.shape.join()}], not [${truth.shape.join()}]`);
    }
    const got = await result.data({ dtype: "float64" });
    const bound = bounds(part, truth);
    // Where float32 is on one side, both overflow as it does.
    const single = backend === "webgpu" || part.startsWith("out32.");
    const failure = compare(part, got, truth.data, bound, single ? MOST_SINGLE : Infinity);
    if (failure) failures.push(failure);
  }
  return failures;
}

function toTensor({ dtype, shape, data }: Stored): Tensor {
  if (dtype === "bool") return tensor(data, shape, { dtype: "bool" });
  return tensor(data, shape, { dtype: dtype === "float" ? "float32" : dtype });
}
