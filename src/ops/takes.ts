import { DtypeError } from "../base/errors.ts";

const HINTS = {
  float32: 'x.cast("float32")',
  numbers: 'x.cast("float32")',
  bool: 'x.cast("bool") or x.notEqual(0)',
};

/** Throws the DtypeError of an op that takes something else than it got. */
export function wrongDtype(op: string, takes: keyof typeof HINTS, got: string): never {
  throw new DtypeError(`${op}: takes ${takes}, got ${got}; cast it, as in ${HINTS[takes]}`);
}
