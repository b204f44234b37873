// A compiled function takes typed arrays where its parameters are tensors, and knows their shapes. What differentiates
// it needs a tensor before the function is called, and so asks it.

/** Replaces the typed arrays among arguments by tensors. */
type Conversion = (args: readonly unknown[]) => unknown[];

const conversions = new WeakMap<object, Conversion>();

/** Notes that a function takes typed arrays for tensors, and which tensors these are. */
export function acceptArrays(f: object, conversion: Conversion | undefined): void {
  if (conversion) conversions.set(f, conversion);
}

/** Notes that a function made of f takes the same arguments. */
export function acceptingAs<F extends object>(f: object, made: F): F {
  acceptArrays(made, conversions.get(f));
  return made;
}

/** The arguments of a call of f, in which tensors stand for the typed arrays that it takes. */
export const withTensors = <A extends readonly unknown[]>(f: object, args: A): A =>
  (conversions.get(f)?.(args) as A | undefined) ?? args;
