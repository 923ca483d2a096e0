import { nn, type Tensor } from "torchlet";

/** The notebook's network: each block Linear → ReLU → Dropout, and a Dropout on the output too. */
export class DropoutModel extends nn.Module {
  b1;
  b2;
  b3;
  b4;
  output;

  constructor(dropRate = 0.5) {
    super();
    this.b1 = new nn.Sequential(new nn.Linear(784, 256), new nn.ReLU(), new nn.Dropout(dropRate));
    this.b2 = new nn.Sequential(new nn.Linear(256, 256), new nn.ReLU(), new nn.Dropout(dropRate));
    this.b3 = new nn.Sequential(new nn.Linear(256, 128), new nn.ReLU(), new nn.Dropout(dropRate));
    this.b4 = new nn.Sequential(new nn.Linear(128, 128), new nn.ReLU(), new nn.Dropout(dropRate));
    this.output = new nn.Sequential(new nn.Linear(128, 10), new nn.Dropout(dropRate));
  }

  forward(x: Tensor) {
    let out = new nn.Flatten()(x);
    out = this.b1(out);
    out = this.b2(out);
    out = this.b3(out);
    out = this.b4(out);
    return this.output(out);
  }
}
