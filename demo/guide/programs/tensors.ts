import { tensor, zeros } from "cotangent";

const a = tensor([
  [1, 2],
  [3, 4],
]); // float32, of shape [2, 2]
const b = a.matmul(a).add(1); // nothing is computed yet
console.log(await b.array()); // all of it, now
console.log(await b.sum(0).data()); // the sums of columns, in a Float32Array
console.log(await b.mean().item()); // one number

console.log(await a.add(tensor([10, 20])).array()); // shapes broadcast, as in NumPy
console.log(a.greater(2).dtype, a.argMax(-1).dtype); // other dtypes: bool, int32

try {
  a.matmul(zeros([3])); // checked here, not when it would be computed
} catch (error) {
  console.log(String(error));
}
