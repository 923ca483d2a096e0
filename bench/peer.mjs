// The child's half of the benchmark's protocol: one command a line on stdin, one `bench {json}` line on stdout as its answer.
// Anything else a library prints is not an answer, so a peer may print what it likes.
import { createInterface } from "node:readline";

const answer = (value) => process.stdout.write(`bench ${JSON.stringify(value)}\n`);

/**
 * Serves a peer until stdin closes. Between two commands it only waits, so the driver decides who computes.
 *
 * @param peer `name`, `version`, `threads`; `steps(n)` trains n steps; `evaluate()` runs the test set and returns
 *   `{ samples, loss, accuracy }`; `job(epochs)` trains a new model and returns `{ loss, accuracy }` of the test set
 */
export async function servePeer({ name, version, threads, steps, evaluate, job }) {
  const commands = {
    steps: (count) => steps(Number(count)),
    evaluate: () => evaluate(),
    job: (epochs) => job(Number(epochs)),
  };
  answer({ name, version, threads });
  for await (const line of createInterface({ input: process.stdin })) {
    const [word, argument] = line.split(" ");
    const start = performance.now();
    const result = await commands[word](argument);
    answer({ ms: performance.now() - start, ...result });
  }
  process.exit(0); // a pool of workers must not keep the child alive
}
