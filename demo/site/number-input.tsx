import type { ComponentChild } from "preact";

interface NumberInputProps {
  name?: string;
  "aria-label"?: string;
  value: number;
  min?: number;
  max?: number;
  /** Is given each number that is typed and lies within the bounds. */
  take: (value: number) => void;
}

/**
 * A field for a number that follows as it is typed. Its text is written anew only where it says another number: whoever
 * types 1e−3 has typed 1 on the way, and 1e, which is none.
 */
export function NumberInput({ value, take, ...rest }: NumberInputProps): ComponentChild {
  const { min = -Infinity, max = Infinity } = rest;
  const isTaken = (typed: number) => Number.isFinite(typed) && typed >= min && typed <= max;
  const write = (input: HTMLInputElement) => {
    if (input.valueAsNumber !== value) input.value = String(value);
  };
  return (
    <input
      {...rest}
      type="number"
      step="any"
      required
      ref={(input) => {
        const isBegun = input === document.activeElement && !isTaken(input?.valueAsNumber ?? value);
        if (input && !isBegun) write(input);
      }}
      onInput={({ currentTarget: { valueAsNumber: typed } }) => {
        if (isTaken(typed)) take(typed);
      }}
      // What was begun and is no number: the one before is what is computed with.
      onBlur={({ currentTarget }) => write(currentTarget)}
    />
  );
}
