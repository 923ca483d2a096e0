import { kernel } from "../core/kernel.ts";

export const sumKernel = kernel("sum", {
  reads: ["x"],
  writes: ["y"],
  params: { outer: "u32", n: "u32", inner: "u32" },
});
