import { arange, tensor, zeros } from "cotangent";

const a = arange(1, 5).reshape([2, 2]); // the rows 1, 2 and 3, 4, float32
const b = a.matmul(a).add(1); // nothing is computed yet
console.log(await b.array()); // all of it, now
console.log(await b.sum(0).data()); // the sums of columns, in a Float32Array
console.log(await b.mean().item()); // one number

console.log(await a.add(tensor([10, 20])).array()); // shapes broadcast
console.log(a.greater(2).dtype, a.argMax(-1).dtype); // not float32

try {
  a.matmul(zeros([3])); // checked here, not when it would be computed
} catch (error) {
  console.log(String(error));
}
