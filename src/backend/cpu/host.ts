import type { Block } from "../backend.ts";
import type { HostModule } from "../host.ts";
import type { CpuBackend } from "./cpu.ts";

/** The CPU backend's module for immediate use. Queued commands run first: freed memory may still belong to them. */
export function hostModuleOf(backend: CpuBackend): HostModule {
  const blocks = new Map<number, Block>();
  return {
    exports: backend.exports,
    memory: backend.memory,
    allocate(bytes) {
      backend.finish();
      const block = backend.allocate(bytes);
      blocks.set(block.address, block);
      return block.address;
    },
    free(address) {
      const block = blocks.get(address);
      if (block) backend.free(block);
      blocks.delete(address);
    },
  };
}
