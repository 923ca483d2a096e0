// The reference job in jax-js on WebGPU, in a page.
import { startJax } from "../jaxJob.mjs";

async function fetchBytes(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

export const job = await startJax("webgpu", fetchBytes);
