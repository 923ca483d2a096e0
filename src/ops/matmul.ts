import { kernel } from "../core/kernel.ts";

export const matmulKernel = kernel("matmul", {
  reads: ["a", "b"],
  writes: ["y"],
  workspace: true,
  params: {
    batch: "u32",
    m: "u32",
    n: "u32",
    k: "u32",
    aBatch: "u32",
    aRow: "u32",
    aCol: "u32",
    bBatch: "u32",
    bRow: "u32",
    bCol: "u32",
  },
});
