import { untracked } from "@preact/signals-core";

/**
 * Calls an async function, one call at a time; of those asked for meanwhile only the last is made. An effect that calls it
 * depends on no signal that the function reads.
 */
export function latest<A extends unknown[]>(
  act: (...args: A) => Promise<void>,
  fail: (error: unknown) => void = console.error,
): (...args: A) => void {
  let isBusy = false;
  let next: A | null = null;
  const run = async () => {
    isBusy = true;
    while (next) {
      const args: A = next;
      next = null;
      try {
        await untracked(() => act(...args));
      } catch (error) {
        fail(error);
      }
    }
    isBusy = false;
  };
  return (...args) => {
    next = args;
    if (!isBusy) void run();
  };
}
