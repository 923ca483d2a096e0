// The benchmark's command line. Nothing heavy is imported here: the guide's commands are checked by it.
import { parseArgs } from "node:util";

/** What a run measures, in this order. */
export const PARTS = ["node", "chromium", "webgpu", "breakdown", "cold", "size", "choice", "growth"];
/** Left out unless it is asked for. */
const ON_REQUEST = "growth";

/** How the labels of what is measured begin. */
const PEERS = ["torchlet", "pytorch", "jax-js", "tfjs-wasm", "onnxruntime-web"];

/** Whole numbers by the option's name: the default, and the smallest that is taken. */
const NUMBERS = {
  rounds: { standard: 7, atLeast: 7 },
  steps: { standard: 30, atLeast: 1 },
  jobs: { standard: 0, atLeast: 0 },
  "gpu-steps": { standard: 30, atLeast: 1 },
  "gpu-epochs": { standard: 1, atLeast: 1 },
};

const camelCase = (name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());

function readNumber(name, text) {
  const { standard, atLeast } = NUMBERS[name];
  if (text === undefined) return standard;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isInteger(value) || value < atLeast)
    throw new RangeError(`--${name} must be a whole number of at least ${atLeast}, got ${text}`);
  return value;
}

function readParts(only, growth) {
  const asked = only?.split(",") ?? PARTS.filter((part) => part !== ON_REQUEST);
  for (const part of asked)
    if (!PARTS.includes(part))
      throw new RangeError(`--only takes ${PARTS.join(", ")}, with a comma between two, got ${part}`);
  return PARTS.filter((part) => asked.includes(part) || (growth && part === ON_REQUEST));
}

/** torchlet is always among them: ratios are to it. */
function readPeers(text) {
  const asked = text?.toLowerCase().split(",") ?? PEERS;
  for (const peer of asked)
    if (!PEERS.includes(peer))
      throw new RangeError(`--peers takes ${PEERS.join(", ")}, with a comma between two, got ${peer}`);
  return PEERS.filter((peer) => peer === "torchlet" || asked.includes(peer));
}

/**
 * What a command line asks for: `rounds`, `steps`, `jobs`, `gpuSteps`, `gpuEpochs`, `only` (the parts), `peers` (how the labels of
 * those to measure begin), and `write`, which measures nothing.
 *
 * @param args this process's, also where it runs a text, unless given
 * @throws RangeError for a value that cannot be, TypeError for an option that is none
 */
export function parseOptions(args) {
  const strings = ["only", "peers", ...Object.keys(NUMBERS)].map((name) => [name, { type: "string" }]);
  const flags = ["growth", "write"].map((name) => [name, { type: "boolean" }]);
  const { values } = parseArgs({ ...(args && { args }), options: Object.fromEntries([...strings, ...flags]) });
  if (values.write && Object.keys(values).length > 1)
    throw new RangeError("--write takes over what the last run measured, and no other option");
  const numbers = Object.keys(NUMBERS).map((name) => [camelCase(name), readNumber(name, values[name])]);
  const only = readParts(values.only, values.growth);
  const peers = readPeers(values.peers);
  return { ...Object.fromEntries(numbers), only, peers, write: values.write ?? false };
}

/** The options of this process; ends it with a sentence where they cannot be. */
export function readOptions() {
  try {
    return parseOptions();
  } catch (error) {
    console.error(`bench: ${error.message}`);
    process.exit(2);
  }
}
