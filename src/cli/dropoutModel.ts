import * as nn from "../nn/index.ts";
import type { Tensor } from "../tensor.ts";

/** The reference job's network: 784-256-256-128-128-10, every block Linear → ReLU → Dropout, and a Dropout on the output. */
export class DropoutModel extends nn.Module {
  static override readonly typeName = "DropoutModel";
  b1: nn.Sequential;
  b2: nn.Sequential;
  b3: nn.Sequential;
  b4: nn.Sequential;
  output: nn.Sequential;

  constructor(dropRate = 0.5) {
    super();
    this.b1 = new nn.Sequential(new nn.Linear(784, 256), new nn.ReLU(), new nn.Dropout(dropRate));
    this.b2 = new nn.Sequential(new nn.Linear(256, 256), new nn.ReLU(), new nn.Dropout(dropRate));
    this.b3 = new nn.Sequential(new nn.Linear(256, 128), new nn.ReLU(), new nn.Dropout(dropRate));
    this.b4 = new nn.Sequential(new nn.Linear(128, 128), new nn.ReLU(), new nn.Dropout(dropRate));
    this.output = new nn.Sequential(new nn.Linear(128, 10), new nn.Dropout(dropRate));
  }

  forward(x: Tensor): Tensor {
    let out = new nn.Flatten()(x);
    out = this.b1(out);
    out = this.b2(out);
    out = this.b3(out);
    out = this.b4(out);
    return this.output(out);
  }
}
