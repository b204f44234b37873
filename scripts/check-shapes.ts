import { existsSync, readFileSync } from "node:fs";
import { defineCommand, runMain } from "citty";
import { compile, grad, init, logSumExp, tensor, type Tensor } from "cotangent";

// Each shape has pipelines of its own, and drivers keep memory, mappings and descriptor pools for each: what they do not
// get back ends in a crash.

const numbers = (size: number) => Float32Array.from({ length: size }, (_, i) => Math.sin(i));

/** How many ranges of memory the process has mapped; drivers have thousands at most. */
const mappings = () =>
  existsSync("/proc/self/maps") ? readFileSync("/proc/self/maps", "utf8").split("\n").length : NaN;

const command = defineCommand({
  meta: {
    name: "npm run check:shapes --",
    description:
      "Calls one compiled function with many shapes, in one process, and checks each result",
  },
  args: { count: { type: "string", default: "1000", description: "How many shapes" } },
  async run({ args }) {
    const device = await init();
    const { vendor, architecture } = device.info;
    const count = Number(args.count);
    console.log(`${vendor} ${architecture}: ${count} shapes through one compiled function\n`);
    console.log(" shapes  seconds  resident  mappings");
    const gradient = grad((x: Tensor) => logSumExp(x));
    const step = compile((x: Tensor) => [x.mul(2).sum(), x.sub(x.max()).exp(), gradient(x)]);
    const start = performance.now();
    let wrong = 0;
    for (let n = 1; n <= count; n++) {
      const x = numbers(n);
      const [sum, ...others] = step(tensor(x));
      const [twice, ys, shares] = await Promise.all([sum.item(), ...others.map((y) => y.data())]);
      const greatest = Math.max(...x);
      const powers = Array.from(x, (v) => Math.exp(v - greatest));
      const whole = powers.reduce((a, b) => a + b);
      const isRight =
        Math.abs(twice - 2 * x.reduce((a, b) => a + b, 0)) < 1e-4 &&
        powers.every(
          (y, i) => Math.abs(ys[i] - y) < 1e-6 && Math.abs(shares[i] - y / whole) < 1e-6,
        );
      if (!isRight) {
        wrong++;
        console.log(`WRONG: ${n} elements`);
      }
      if (n % Math.ceil(count / 10) === 0) {
        const cells = [
          String(n).padStart(7),
          ((performance.now() - start) / 1000).toFixed(1).padStart(8),
          `${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MiB`.padStart(9),
          String(mappings()).padStart(9),
        ];
        console.log(cells.join(" "));
      }
    }
    if (wrong > 0) process.exitCode = 1;
    device.dispose();
  },
});

await runMain(command);
