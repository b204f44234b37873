/** What a visitor is told of an error that ends what is under way. */
export function failureWords(error: unknown): string {
  const { name, message } =
    error instanceof Error ? error : { name: "Error", message: String(error) };
  return name === "DeviceLostError"
    ? "The GPU was lost again and again, or no other came in its place. It may help to close other pages that use it, or to update its driver."
    : `Something went wrong: ${message}`;
}
