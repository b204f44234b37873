// node scripts/run.mjs examples/approximation.ts: a sum of sigmoids comes as near to a continuous function as one likes,
// by construction and by training.
import { init, random, type Tensor } from "cotangent";
import { errorByPieces } from "./approximation/pieces.ts";
import { errorAt, grid, SumOfSigmoids, train } from "./approximation/sigmoids.ts";
import { inPlane, onLine } from "./approximation/targets.ts";

await init({ backend: "cpu" });

console.log("f(x) = sin 6x + x/2 on [−1, 1] by Σ f(aᵢ)[x ∈ [aᵢ, bᵢ]]\npieces  largest error");
for (const pieces of [4, 8, 16, 32, 64, 128]) {
  const error = await errorByPieces(onLine, { low: -1, high: 1, pieces }, 1001);
  console.log(`${String(pieces).padStart(6)}  ${error.toFixed(4)}`);
}

async function trained(f: (x: Tensor) => Tensor, d: number, points: number): Promise<void> {
  console.log("sigmoids  error, root mean square");
  for (const n of [2, 4, 8, 16]) {
    random.seed(1);
    const sum = new SumOfSigmoids(d, n);
    await train(sum, f, grid(d, points), 1000);
    const error = await errorAt(sum, f, grid(d, 2 * points + 1));
    console.log(`${String(n).padStart(8)}  ${error.toFixed(4)}`);
  }
}

console.log("\nthe same by Σ wⱼσ(bⱼ + vⱼx), trained");
await trained((x) => onLine(x.squeeze(1)), 1, 32);
console.log("\nf(x, y) = exp(−2x² − 2y²) + x y/2 on [−1, 1]² by Σ wⱼσ(bⱼ + vⱼ · (x, y)), trained");
await trained(inPlane, 2, 10);
