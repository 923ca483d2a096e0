import { init, tensor } from "../../index.ts";
import { CORE } from "../../init/core.ts";
import { measureStep } from "../../init/measure.ts";
import { isAvailable } from "../../init/available.ts";
import { DeviceError } from "../../core/errors.ts";
import { type Finding, sentenceOf } from "./finding.ts";

/** Computes with the CPU's kernels: a product that is known, and a training step for its time. */
export async function examineCpu(): Promise<Finding> {
  const about = { key: "cpu", name: "CPU" } as const;
  const simd = isAvailable("cpu");
  try {
    const device = await init({ device: "cpu" });
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    const product = Array.from(await x.matmul(x).data(), Number);
    if (product.join() !== "7,10,15,22")
      throw new DeviceError(`a product of two matrices came out as ${product.join(", ")}; expected 7, 10, 15, 22`);
    const stepMs = await measureStep(CORE.kernels, device.backend);
    const threads = device.threads === 1 ? "one thread" : `${device.threads} threads`;
    const says = `WebAssembly with SIMD, ${threads}; a small network's training step takes ${stepMs.toFixed(1)} ms`;
    return { ...about, state: "works", says, facts: { simd, threads: device.threads, stepMs } };
  } catch (error) {
    const advice = simd ? [] : [{ run: "install a current Node from https://nodejs.org" }];
    return { ...about, state: "broken", says: sentenceOf(error), advice, facts: { simd } };
  }
}
