import { compile, random, tensor, variable, where, type Tensor } from "cotangent";

let traced = 0;
const f = compile((x: Tensor, by: Tensor, options: { shift: number }) => {
  traced++; // JavaScript runs while it is traced, and only then
  return x.mul(by).add(options.shift);
});
f(tensor([1, 2]), 3, { shift: 0 });
f(tensor([5, 6]), 4, { shift: 0 }); // other values; a number as an argument
console.log(traced);
f(tensor([1, 2, 3]), 3, { shift: 0 }); // another shape
f(tensor([1, 2]), 3, { shift: 1 }); // another number inside of an object
console.log(traced);

const wrong = compile((x: Tensor) => (Number(x.sum()) > 0 ? x : x.neg()));
try {
  wrong(tensor([-1, -2])); // there is no value to look at while it is traced
} catch (error) {
  console.log(String(error).slice(0, 60));
}
const right = compile((x: Tensor) => where(x.sum().greater(0), x, x.neg()));
console.log(await right(tensor([-1, -2])).array());

const count = variable(0);
const draw = compile(() => {
  count.assign(count.add(1)); // a variable is read and written at each call
  return random.uniform([2]); // and numbers are drawn anew
});
const [a, b] = [await draw().data(), await draw().data()];
console.log(await count.item(), a[0] === b[0]);
