/** What stands where a tensor should, for messages. */
export function describeValue(value: unknown): string {
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    return `${value.constructor.name}; make a tensor of it: tensor(…)`;
  }
  return value === null ? "null" : typeof value;
}
