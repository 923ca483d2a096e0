import { parseArgs } from "node:util";
import { PLACES } from "./benchPlaces.mjs";

/** Whole numbers by the option's name: the default, and the smallest that is taken. */
const NUMBERS = {
  rounds: { standard: 9, atLeast: 7 },
  steps: { standard: 30, atLeast: 1 },
  jobs: { standard: 1, atLeast: 0 },
  "gpu-steps": { standard: 20, atLeast: 1 },
  "gpu-epochs": { standard: 2, atLeast: 1 },
};

const camelCase = (name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());

function refuse(sentence) {
  console.error(`bench: ${sentence}`);
  process.exit(2);
}

/** The command line's options: `rounds`, `steps`, `jobs`, `gpuSteps`, `gpuEpochs`, and `only`, a list of places. */
export function readOptions() {
  const names = ["only", ...Object.keys(NUMBERS)];
  const options = Object.fromEntries(names.map((name) => [name, { type: "string" }]));
  const { values } = parseArgs({ options });
  const numbers = Object.entries(NUMBERS).map(([name, { standard, atLeast }]) => {
    const value = Number(values[name] ?? standard);
    if (!Number.isInteger(value) || value < atLeast)
      refuse(`--${name} must be a whole number of at least ${atLeast}, got ${values[name]}`);
    return [camelCase(name), value];
  });
  const known = Object.keys(PLACES);
  const asked = values.only?.split(",") ?? known;
  for (const place of asked)
    if (!known.includes(place)) refuse(`--only takes ${known.join(" and ")}, with a comma between them, got ${place}`);
  return { ...Object.fromEntries(numbers), only: known.filter((place) => asked.includes(place)) };
}
