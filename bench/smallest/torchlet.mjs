// The smallest program that trains the net with torchlet: one step of it.
import { init, nn, optim, tensor } from "../../build/index.js";
import { BATCH, drawBatch, SIZES } from "../model.mjs";

export async function firstStep() {
  await init({ device: "cpu" });
  const layers = SIZES.slice(1).flatMap((outputs, index) => {
    const isLast = index === SIZES.length - 2;
    return [new nn.Linear(SIZES[index], outputs), ...(isLast ? [] : [new nn.ReLU()]), new nn.Dropout(0.5)];
  });
  const model = new nn.Sequential(...layers);
  const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 });
  const { x, y } = drawBatch(BATCH, false);
  const inputs = tensor(x, { shape: [BATCH, SIZES[0]] });
  const loss = new nn.CrossEntropyLoss()(model(inputs), tensor(y, { shape: [BATCH], dtype: "int32" }));
  loss.backward();
  await optimizer.step();
  return loss.item();
}
