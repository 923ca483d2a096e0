// `npm run bench`: torchlet and its rivals side by side in one run, on the same data and the same model, each checked to learn.
// Every peer is a child process that waits while another one computes.
// Options: --only node,chromium,webgpu,breakdown,cold,size,choice,growth (all but growth unless it is given), --growth (that too);
// --peers torchlet,pytorch,jax-js,tfjs-wasm,onnxruntime-web (all of them unless it is given; torchlet always);
// on the CPU --rounds N (at least 7), --steps N per chunk, --jobs N whole jobs per peer (none unless it is given);
// on WebGPU --gpu-epochs N, --gpu-steps N per chunk.
// `npm run bench -- --write` measures nothing: it takes over what was measured last into docs/performance.md.
import { readOptions } from "./benchOptions.mjs";
import { MEASURE_PART } from "./benchParts.mjs";
import { stamped, writeGuide, writeRecord } from "./benchRecord.mjs";
import { sectionOf } from "./benchReport.mjs";
import { preparePeers } from "./benchSetup.mjs";
import { buildIfStale, installDependencies } from "./setup.mjs";

function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${text && `bench: ${text}`}`);
}

/** What is wrong with a part: torchlet itself did not run, or a peer computed something else. */
function problemsOf(name, { results }) {
  if (!["node", "chromium", "webgpu"].includes(name)) return [];
  const missing = results.some((each) => each.name === "torchlet") ? [] : [`torchlet itself did not run: ${name}`];
  const wrong = results.filter(({ test }) => test.learned === false);
  return [...missing, ...wrong.map(({ label, test }) => `${name}: ${label} has a test loss of ${test.loss}`)];
}

async function main() {
  const options = readOptions();
  if (options.write) {
    console.log(`bench: docs/performance.md has: ${writeGuide().join(", ")}`);
    return;
  }
  installDependencies();
  buildIfStale();
  await preparePeers();
  const problems = [];
  for (const name of options.only) {
    const part = stamped(await MEASURE_PART[name](options, progress));
    progress("");
    writeRecord({ [name]: part });
    console.log(`\n${sectionOf(name, part)}`);
    problems.push(...problemsOf(name, part));
  }
  for (const problem of problems) console.error(`bench: ${problem}`);
  process.exit(problems.length > 0 ? 1 : 0);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(130));
await main().catch((error) => {
  console.error(`bench: ${error.message}`);
  process.exit(1);
});
