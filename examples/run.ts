// Runs an example in Node or Deno: `run mnist [folder] [epochs]` or `run dropout`.
import process from "node:process";
import { main as dropout } from "./dropout.ts";
import { main as mnist } from "./mnist.ts";

const [name = "mnist", root, epochs] = process.argv.slice(2);
if (name === "dropout") await dropout();
else await mnist(root, epochs === undefined ? undefined : Number(epochs));
