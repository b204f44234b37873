import { customGradient, grad, nn, stopGradient, tensor } from "cotangent";
import type { Tensor } from "cotangent";

// Rounding has the slope 0; here its gradient passes as if it were not there.
const rounded = customGradient((x: Tensor) => ({
  value: x.round(),
  gradient: (g: Tensor) => [g],
}));

class Quantized extends nn.Module {
  inner = nn.linear(4, 2);

  forward(x: Tensor) {
    return rounded(this.inner.forward(x).mul(16)).div(16); // in steps of 1/16
  }
}

const x = tensor([0.3, 1.6]);
console.log(await rounded(x).array());
const f = (x: Tensor) => rounded(x).square().sum();
console.log(await grad(f)(x).array()); // twice what is rounded
const h = (x: Tensor) => x.mul(stopGradient(x)).sum();
console.log(await grad(h)(x).array()); // one factor only
console.log(new Quantized().forward(tensor([[1, 2, 3, 4]])).shape);
