// The child's half of the benchmark's protocol: one command a line on stdin, one `bench {json}` line on stdout as its answer.
// Anything else a library prints is not an answer, so a peer may print what it likes.
import { createInterface } from "node:readline";

const answer = (value) => process.stdout.write(`bench ${JSON.stringify(value)}\n`);

/**
 * Serves a peer until stdin closes. Between two commands it only waits, so the driver decides who computes.
 *
 * @param about what the driver is told of it: `name`, `version`, `threads`, `trains` (false for what only evaluates) and, in a
 *   browser, `runtime`
 * @param job of these what the peer can do: `restart()` begins a new model; `steps(n)` trains n steps; `evaluate()` runs the
 *   test set and returns `{ samples, loss, accuracy }`; `job(epochs)` trains another new model and returns
 *   `{ loss, accuracy }` of the test set; `grow(…)` as bench/model.mjs has it; `onnx()` gives the weights that `load()` takes
 */
export async function servePeer(about, job) {
  answer({ trains: true, ...about });
  for await (const line of createInterface({ input: process.stdin })) {
    const [word, ...numbers] = line.split(" ");
    const start = performance.now();
    const result = await job[word](...numbers.map(Number));
    answer({ ms: performance.now() - start, ...result });
  }
  process.exit(0); // a pool of workers must not keep the child alive
}
