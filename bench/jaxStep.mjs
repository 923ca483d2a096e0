// The reference job in jax-js on its WebAssembly backend, in Node: on one thread, as its pool needs a Worker that takes
// blob URLs, which Node has not.
import { readFile } from "node:fs/promises";
import { startJax } from "./jaxJob.mjs";
import { servePeer } from "./peer.mjs";
import { versionOf } from "./versions.mjs";

await servePeer({ name: "jax-js", version: versionOf("jax-js"), threads: 1 }, await startJax("wasm", readFile));
