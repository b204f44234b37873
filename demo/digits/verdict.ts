import { mostLikely } from "../mnist.ts";

/** What ten probabilities amount to, in words. */
export function verdict(probabilities: Float32Array): string {
  const [digit] = mostLikely(probabilities);
  const share = probabilities[digit];
  const words = share > 0.9 ? "This is" : share > 0.5 ? "Probably" : "Perhaps";
  return `${words} ${digit === 8 ? "an" : "a"} ${digit} (${Math.round(100 * share)}%).`;
}
