import { checkInstance } from "../base/describe-value.ts";
import { ArgumentError, DtypeError, ShapeError, ValueError } from "../base/errors.ts";
import type { Dtype } from "../base/dtype.ts";
import { sameShape, show } from "../base/shape.ts";
import { isPlainObject } from "../base/tree.ts";
import { Variable } from "../graph/variable.ts";
import { tensor } from "../ops/create.ts";
import { decode, encode, METADATA, type FileTensor, type OwnBytes } from "./format.ts";

export type { FileTensor, OwnBytes } from "./format.ts";

/** The dtypes as the format names them. */
const NAMES: Record<Dtype, string> = { float32: "F32", int32: "I32", uint32: "U32", bool: "BOOL" };

/** Something that lasts: a variable, or what has variables by name, as modules, optimizers and `random` do. */
export type Stateful = Variable | Owner;

/** What has variables by name. */
export interface Owner {
  /**
   * All that lasts.
   * @returns variables by their paths
   */
  namedVariables(): Record<string, Variable>;
}

/** Nested arrays and plain objects of what is saved. */
export type StateTree = Stateful | readonly StateTree[] | { readonly [name: string]: StateTree };

/**
 * The variables of a tree such as { model, optimizer } as a safetensors file, which Python's safetensors opens. They
 * are named by their paths: "model.0.weight", "optimizer.step". With `random` in the tree, draws go on too, and with the
 * `position` of a resident set its batches. (PyTorch's state_dict.)
 *
 * A training goes on from a file to the bit on a GPU; the reference's float64 values are rounded to the float32 of the
 * file, and it goes on as near as that.
 * @param tree modules, optimizers, `random`, variables, and nested arrays and objects of them
 * @returns the bytes of the file
 * @throws ValueError where two variables have the same path
 */
export async function save(tree: StateTree): Promise<OwnBytes> {
  const variables = [...variablesOf(tree)];
  // All of them are asked for before any is waited for, so they are the values of one moment.
  const values = await Promise.all(variables.map(([, v]) => v.data()));
  const tensors = variables.map(([name, { dtype, shape }], i): [string, FileTensor] => [
    name,
    { dtype: NAMES[dtype], shape: [...shape], data: values[i] },
  ]);
  return encode(new Map(tensors));
}

/**
 * Gives the variables of a tree the values that `save` wrote. Names, shapes and dtypes have to be the tree's own;
 * otherwise an error names those that are not, and nothing is changed.
 * @param tree as it was saved: the same names, shapes and dtypes
 * @param bytes of the file
 * @throws FormatError where it is no such file, or damaged
 * @throws ValueError where names differ
 * @throws ShapeError where shapes differ
 * @throws DtypeError where dtypes differ
 */
export async function load(tree: StateTree, bytes: Bytes): Promise<void> {
  const tensors = decode(bytesOf(bytes));
  const variables = variablesOf(tree);
  checkNames([...variables.keys()], [...tensors.keys()]);
  const values = Array.from(variables, ([name, variable]) => {
    const found = tensors.get(name)!;
    const { dtype, shape } = found;
    if (!sameShape(shape, variable.shape)) {
      throw new ShapeError(
        `safetensors: "${name}" has shape ${show(shape)} in the file and ${show(variable.shape)} here`,
      );
    }
    if (dtype !== NAMES[variable.dtype]) {
      throw new DtypeError(
        `safetensors: "${name}" is ${dtype} in the file, and ${variable.dtype} is ${NAMES[variable.dtype]}`,
      );
    }
    return tensor(found.data, shape, { dtype: variable.dtype });
  });
  [...variables.values()].forEach((variable, i) => variable.assign(values[i]));
}

/**
 * The tensors of a safetensors file by name, whatever wrote it.
 * @param bytes of the file
 * @returns the tensors by name
 * @throws FormatError where it is no such file, or damaged
 * @throws DtypeError when `data` is read of a tensor that no typed array holds
 */
export const parse = (bytes: Bytes): Record<string, FileTensor> =>
  Object.fromEntries(decode(bytesOf(bytes)));

/** What a file may be given as: views of other elements, too, are taken for their bytes. */
export type Bytes = ArrayBufferLike | ArrayBufferView;

function bytesOf(bytes: Bytes): Uint8Array {
  if (ArrayBuffer.isView(bytes)) {
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  // By its tag: a page that is not isolated may have shared memory, but not the class.
  const tag = Object.prototype.toString.call(bytes);
  if (tag !== "[object SharedArrayBuffer]") {
    checkInstance("safetensors", bytes, ArrayBuffer, "the bytes of a file");
  }
  return new Uint8Array(bytes);
}

function variablesOf(tree: StateTree): Map<string, Variable> {
  const found = new Map<string, Variable>();
  const add = (path: string, variable: Variable): void => {
    if (found.has(path))
      throw new ValueError(
        `safetensors: two variables have the path "${path}"; rename one of them`,
      );
    if (path === METADATA) {
      throw new ValueError(`safetensors: "${path}" is no name of a tensor: files have notes there`);
    }
    found.set(path, variable);
  };
  const visit = (node: StateTree, path: string, around: readonly unknown[] = []): void => {
    const prefix = path && `${path}.`;
    if (node instanceof Variable) {
      add(path, node);
    } else if (isOwner(node)) {
      for (const [name, v] of Object.entries(node.namedVariables())) add(prefix + name, v);
    } else if (!around.includes(node) && (Array.isArray(node) || isPlainObject(node))) {
      for (const [key, part] of Object.entries(node)) {
        visit(part as StateTree, prefix + key, [...around, node]);
      }
    } else {
      throw new ArgumentError(
        `safetensors: ${path || "the tree"} is not a variable, module or optimizer, or a list or object of them`,
      );
    }
  };
  visit(tree, "");
  return found;
}

const isOwner = (node: unknown): node is Owner =>
  typeof node === "object" &&
  node !== null &&
  "namedVariables" in node &&
  typeof node.namedVariables === "function";

function checkNames(here: readonly string[], inFile: readonly string[]): void {
  const missing = here.filter((name) => !inFile.includes(name));
  const unexpected = inFile.filter((name) => !here.includes(name));
  if (missing.length === 0 && unexpected.length === 0) return;
  const list = (names: readonly string[]) => names.map((name) => `"${name}"`).join(", ");
  throw new ValueError(
    "safetensors: the file is of something else: " +
      [
        missing.length > 0 && `it lacks ${list(missing)}`,
        unexpected.length > 0 && `it has ${list(unexpected)}, which is not expected`,
      ]
        .filter(Boolean)
        .join("; "),
  );
}
