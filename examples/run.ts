// Runs an example in Node or Deno: `run mnist [folder] [epochs] [auto|cpu|webgpu]` or `run dropout`.
import process from "node:process";
import { main as dropout } from "./dropout.ts";
import { main as mnist } from "./mnist.ts";

const [name = "mnist", root, epochs, device = "auto"] = process.argv.slice(2);
if (name === "dropout") await dropout();
else if (device === "auto" || device === "cpu" || device === "webgpu")
  await mnist(root, epochs === undefined ? undefined : Number(epochs), device);
else throw new RangeError(`device must be auto, cpu or webgpu, got "${device}"`);
