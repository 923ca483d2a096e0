// From a fresh process to the first finished training step of a bundled program.
// Usage: node coldStart.mjs FILE [ARGUMENT]; answers `{ ms, processMs, loss }`: since the import began, and since the process did.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [file, argument] = process.argv.slice(2);
Object.assign(globalThis, { require: createRequire(import.meta.url), __dirname: import.meta.dirname }); // as tfjsStep.mjs has it
const start = performance.now();
const { firstStep } = await import(pathToFileURL(file).href);
const loss = await firstStep(argument);
const end = performance.now();
process.stdout.write(`bench ${JSON.stringify({ ms: end - start, processMs: end, loss })}\n`, () => process.exit(0));
