import { nn, random, type Tensor } from "cotangent";

/** x plus what two layers make of it. */
class Residual extends nn.Module {
  norm = nn.layerNorm(8);
  up = nn.linear(8, 32);
  down = nn.linear(32, 8);

  forward(x: Tensor) {
    const hidden = this.up.forward(this.norm.forward(x)).gelu();
    return x.add(this.down.forward(hidden));
  }
}

const block = new Residual();
console.log(Object.keys(block.namedVariables()).join(" "));
const sizes = block.parameters().map((parameter) => parameter.size);
console.log(sizes.reduce((a, b) => a + b)); // numbers in all

const model = nn.sequential(nn.linear(2, 8), block, nn.linear(8, 1)); // as a layer
console.log(model.forward(random.normal([5, 2])).shape);
