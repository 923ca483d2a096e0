// The reference job in jax-js, in a page: its WebAssembly backend takes all threads that the machine has.
import { startJax } from "../jaxJob.mjs";
import { fetchBytes } from "./fetchBytes.mjs";

export const start = ({ device }) => startJax(device === "cpu" ? "wasm" : device, fetchBytes);
