import { checkInstance } from "./describe-value.ts";
import { ValueError } from "./errors.ts";

/** Throws where something else stands for options, or one has a name that is not known: it would change nothing. */
export function checkOptions<T extends object>(
  op: string,
  options: T,
  known: readonly (keyof T & string)[],
): void {
  const names = known.join(", ");
  checkInstance(op, options, Object, `options { ${names} }`);
  const wrong = Object.keys(options).find((name) => !(known as readonly string[]).includes(name));
  if (wrong) throw new ValueError(`${op}: there is no option "${wrong}"; there are ${names}`);
}
