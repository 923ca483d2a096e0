// What Dropout does to five rows: kept values are doubled, dropped negatives become -0. Printed as PyTorch prints them.
import { init, manualSeed, nn, randn } from "torchlet";

export async function main() {
  await init();
  manualSeed(0, { dropout: "torch" }); // PyTorch's masks too, so that every number is PyTorch's
  const a = randn(5, 3); // standard normal
  const linear = new nn.Linear(3, 4);
  const b = linear(a);
  const dropout = new nn.Dropout(0.5);
  const c = dropout(b);
  await a.print();
  await b.print();
  await c.print();
}
