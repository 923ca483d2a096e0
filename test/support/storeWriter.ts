// A program that writes to a store until it is killed: 1, 2, 3, …, each as often as it fits, and says which are acknowledged.
import { openStore } from "../../src/io/store.ts";

const [name = "", length = "0"] = process.argv.slice(2);
const store = openStore(name);
for (let n = 1; ; n++) {
  await store.write(new Uint8Array(Number(length)).fill(n % 251));
  process.stdout.write(`${n}\n`);
}
