// The model of both programs: a perceptron with a Dropout after every block.
import { nn, type Tensor } from "torchlet";

const block = (inFeatures: number, outFeatures: number, dropRate: number): nn.Sequential =>
  new nn.Sequential(new nn.Linear(inFeatures, outFeatures), new nn.ReLU(), new nn.Dropout(dropRate));

/** From images [n, 1, 28, 28] to a score for each digit [n, 10]. */
export class DropoutModel extends nn.Module {
  b1: nn.Sequential;
  b2: nn.Sequential;
  b3: nn.Sequential;
  b4: nn.Sequential;
  output: nn.Sequential;

  constructor(dropRate = 0.5) {
    super();
    this.b1 = block(784, 256, dropRate);
    this.b2 = block(256, 256, dropRate);
    this.b3 = block(256, 128, dropRate);
    this.b4 = block(128, 128, dropRate);
    this.output = new nn.Sequential(new nn.Linear(128, 10), new nn.Dropout(dropRate));
  }

  forward(x: Tensor): Tensor {
    return this.output(this.b4(this.b3(this.b2(this.b1(x.flatten(1))))));
  }
}
