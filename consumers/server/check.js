// What a server that renders pages must be able to rely on: importing torchlet does nothing. `node check.js` imports every entry
// point and fails if anything was read, changed, begun or left open. `node check.js bare` first takes away the platform's
// globals, WebAssembly too; `node check.js page` puts a page's in, as test environments do, and hears who reads them.
import childProcess from "node:child_process";
import fs, { readFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import process from "node:process";
import workerThreads from "node:worker_threads";

const { exports } = JSON.parse(readFileSync("node_modules/torchlet/package.json", "utf8"));
// what has a suffix is a file to load or to read
const entries = Object.keys(exports).filter((entry) => !/\.\w+$/.test(entry));
const mode = process.argv[2] ?? "plain";
const seen = [];
Error.stackTraceLimit = Number.POSITIVE_INFINITY;

/** Notes what the package does itself: Node's loader reads files and the environment too. */
function note(what) {
  if (/node_modules.torchlet./.test(String(new Error().stack))) seen.push(what);
}

/** Hears every call of a function that reads, waits, connects or starts something. */
function watch(object, name) {
  const original = object[name];
  if (typeof original !== "function") return;
  object[name] = function watched(...args) {
    note(`called ${name}`);
    return new.target ? new original(...args) : original.apply(this, args);
  };
}

const FILES = "readFile readFileSync open openSync stat statSync existsSync createReadStream writeFileSync readdirSync";
const GLOBALS = "fetch setTimeout setInterval setImmediate queueMicrotask requestAnimationFrame";
const BARE =
  "WebAssembly fetch crypto performance navigator URL Blob TextDecoder TextEncoder AbortController Event EventTarget MessageChannel";
const PAGE = "window document navigator localStorage location Worker";
if (mode === "bare") for (const name of BARE.split(" ")) delete globalThis[name];
if (mode === "page")
  for (const name of PAGE.split(" "))
    Object.defineProperty(globalThis, name, { configurable: true, get: () => note(`read ${name}`) });
for (const name of FILES.split(" ")) watch(fs, name);
for (const name of FILES.split(" ")) watch(fs.promises, name);
for (const name of GLOBALS.split(" ")) watch(globalThis, name);
for (const name of ["spawn", "spawnSync", "fork", "execFile"]) watch(childProcess, name);
for (const name of ["connect", "createServer"]) watch(net, name);
watch(workerThreads, "Worker");
syncBuiltinESMExports();

const environment = (trap) => (target, key) => {
  if (typeof key === "string") note(`${trap} of process.env.${key}`);
  return Reflect[trap](target, key);
};
process.env = new Proxy(process.env, {
  get: environment("get"),
  has: environment("has"),
  ownKeys: environment("ownKeys"),
});

/** Every property of the globals and of what they share with others, without calling a getter. */
function snapshot() {
  const shared = [Object, Array, Function, Promise, String, Map, Symbol, ArrayBuffer, Error, Uint8Array];
  const objects = [globalThis, ...shared, ...shared.map((type) => type.prototype), console, process, Math, JSON];
  return objects.map((object) => Object.getOwnPropertyDescriptors(object));
}

function changes(before, after) {
  return before.flatMap((descriptors, i) =>
    Reflect.ownKeys({ ...descriptors, ...after[i] }).filter((key) =>
      ["value", "get", "set"].some((part) => !Object.is(descriptors[key]?.[part], after[i][key]?.[part])),
    ),
  );
}

const listeners = () => process.eventNames().map((name) => `${String(name)} ${process.listenerCount(name)}`);
const outside = () => [process.getActiveResourcesInfo().sort(), listeners()].flat().join();
const [before, openBefore] = [snapshot(), outside()];
const start = process.hrtime.bigint();
const imported = [];
for (const entry of entries) imported.push(await import(`torchlet${entry.slice(1)}`));
const ms = Number(process.hrtime.bigint() - start) / 1e6;
for (const key of changes(before, snapshot())) seen.push(`changed ${String(key)}`);
if (outside() !== openBefore) seen.push(`left open ${outside()}, there was ${openBefore}`);
if (imported.some((module) => Object.keys(module).length === 0)) seen.push("an entry point exports nothing");
if (seen.length > 0) throw new Error(`importing has effects: ${seen.join(", ")}`);
console.log(JSON.stringify({ entries, mode, ms: Math.round(ms) }));
