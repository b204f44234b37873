import { grad, gradients, hessian, jvp, tensor, variable } from "cotangent";
import type { Tensor } from "cotangent";

const f = (x: Tensor) => x.square().sum().pow(1.5); // ‖x‖³
const x = tensor([1, 2, 2]);
console.log(await grad(f)(x).array()); // 3‖x‖x, by reverse mode
console.log(await hessian(f)(x).array()); // 3(xxᵀ/‖x‖ + ‖x‖I)

const [y, dy] = jvp(f, [x], [tensor([1, 0, 0])]); // along a direction
console.log(await y.item(), await dy.item());

const w = variable([1, 2]); // what lasts, and can be assigned
const loss = w.mul(3).square().sum();
const [dw] = gradients(loss, [w]); // of what is there already
w.assign(w.sub(dw.mul(0.01)));
console.log(await w.array());
