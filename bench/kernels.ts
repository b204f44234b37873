import { init } from "cotangent";
import { tuningFor } from "../src/backends/webgpu/device/adapter-tuning.ts";
import { link } from "../src/base/link.ts";
import {
  chooseFamily,
  familiesOf,
  loadFamilies,
  matmulKernel,
  plainStore,
  type Family,
  type MatmulProblem,
} from "../src/backends/webgpu/kernels/matmul-families.ts";
import { deviceTime } from "./measure/device-time.ts";
import { digits } from "./numbers.ts";

// npm run bench:kernels: what each family of kernels makes of products of many shapes on this adapter, by the device's own
// clock, and whether the family that is chosen for a shape is the fastest. Ends with 1 where a choice is far from the best.

/** m, n, k, which operands are transposed, and how many of them there are. */
type Shape = [m: number, n: number, k: number, orientation: "NN" | "NT" | "TN", batch?: number];

const shapes: readonly Shape[] = [
  // 784-256-128-10 at batch 64: forward, and the gradients of the weights and of what they are multiplied with.
  [64, 256, 784, "NN"],
  [64, 128, 256, "NN"],
  [64, 10, 128, "NN"],
  [784, 256, 64, "TN"],
  [256, 128, 64, "TN"],
  [64, 256, 128, "NT"],
  // A row alone; attention of 12 heads; rows of pictures with few channels; few results of many terms.
  [1, 256, 784, "NN"],
  [128, 128, 64, "NT", 12],
  [25088, 32, 144, "NN"],
  [8192, 128, 128, "NN"],
  [128, 128, 8192, "TN"],
  [256, 256, 256, "NN"],
  [512, 512, 512, "NN"],
  [1024, 1024, 1024, "NN"],
  [1024, 1024, 1024, "NT"],
  [1024, 1024, 1024, "TN"],
  [1000, 1001, 1003, "NN"],
  [2048, 2048, 2048, "NN"],
  [4096, 4096, 4096, "NN"],
];

/** How many times as long as the fastest family the chosen one may take. */
const WORST = 1.15;
/** What a software adapter is not asked for: it would take minutes. */
const MOST_ON_A_CPU = 2e9;

const { gpu } = await init();
const device = gpu!;
const tuning = tuningFor(device);
const { adapter } = tuning;
const { description } = device.adapterInfo;

const families = familiesOf(adapter);
await loadFamilies(adapter);

/** Numbers in [-1, 1): zeros are faster on some devices. */
const numbers = (length: number) => Float32Array.from({ length }, () => Math.random() * 2 - 1);

function buffer(length: number): GPUBuffer {
  const size = Math.ceil(length / 4) * 16;
  const usage = GPUBufferUsage.STORAGE;
  const made = device.createBuffer({ size, usage, mappedAtCreation: true });
  new Float32Array(made.getMappedRange()).set(numbers(length));
  made.unmap();
  return made;
}

function kernelFor(problem: MatmulProblem, family: Family) {
  const kernel = matmulKernel(problem, adapter, family);
  const plain = plainStore(kernel);
  const code = link(
    kernel.wgsl,
    { ...kernel.set, ...plain.set },
    {
      c: { index: 0, access: "read_write", type: plain.element },
      a: { index: 1, access: "read", type: kernel.elements.a },
      b: { index: 2, access: "read", type: kernel.elements.b },
    },
  );
  return { code, workgroups: kernel.workgroups };
}

console.log(
  `${description || adapter.vendor}: TFLOP/s of each family; * is the one that is chosen`,
);
console.log(["shape".padEnd(26), ...families.map((family) => family.padStart(12))].join(""));

let missed = 0;
for (const [m, n, k, orientation, batch = 1] of shapes) {
  const flops = 2 * batch * m * n * k;
  if (tuning.threads < 1000 && flops > MOST_ON_A_CPU) continue;
  const [transposeA, transposeB] = orientation.split("").map((letter) => letter === "T");
  const problem = { batch, m, n, k, transposeA, transposeB, batchA: "batch", batchB: "batch" };
  const buffers = [batch * m * n, batch * m * k, batch * k * n].map(buffer);
  const chosen = chooseFamily(problem, adapter);
  const times = new Map<Family, number>();
  for (const family of families) {
    const { code, workgroups } = kernelFor(problem, family);
    times.set(family, await deviceTime(device, code, buffers, workgroups));
  }
  for (const buffer of buffers) buffer.destroy();
  const best = Math.min(...times.values());
  const columns = families.map((family) =>
    `${digits(flops / times.get(family)! / 1e9)}${family === chosen ? "*" : " "}`.padStart(12),
  );
  const ratio = times.get(chosen)! / best;
  if (ratio > WORST) missed++;
  const name = `${batch > 1 ? `${batch} of ` : ""}${m} × ${n} × ${k} ${orientation}`;
  const note = ratio > WORST ? `  the choice takes ${digits(ratio)}x the least` : "";
  console.log(`${name.padEnd(26)}${columns.join("")}${note}`);
}
device.destroy();
process.exitCode = missed > 0 ? 1 : 0;
