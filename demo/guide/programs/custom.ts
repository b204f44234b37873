import { customGradient, grad, nn, stopGradient, tensor, type Tensor } from "cotangent";

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
console.log(await grad((x: Tensor) => rounded(x).square().sum())(x).array()); // 2 · rounded
console.log(await grad((x: Tensor) => x.mul(stopGradient(x)).sum())(x).array()); // one factor only
console.log(new Quantized().forward(tensor([[1, 2, 3, 4]])).shape);
