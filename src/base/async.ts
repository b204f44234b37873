/**
 * Whether what a function returned shows that it is async. Nobody will wait for its promise then, so a failure of it
 * is not to be reported as one that was not handled.
 */
export function wasAsync(returned: unknown): boolean {
  if (!(returned instanceof Promise)) return false;
  returned.catch(() => {});
  return true;
}
