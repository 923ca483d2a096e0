import type { Device } from "../backend/device.ts";

/** Milliseconds of kernels in one go: others get a turn every 16. */
const MILLISECONDS = 8;
const MAX_BATCHES = 16;

/**
 * Runs the kernels of a few batches in one go where they run on this thread: what is queued batch by batch costs less so, and the
 * batches' kernels do not push each other's JavaScript out of the caches. As many as take some milliseconds, by the last time.
 */
export class Burst {
  #size = 1;
  #queued = 0;

  /** One batch more is queued on the device. */
  add(device: Device | undefined): void {
    if (!device?.backend.readsAtOnce || ++this.#queued < this.#size) return;
    const start = performance.now();
    void device.backend.flush();
    const each = (performance.now() - start) / this.#queued;
    this.#size = Math.min(Math.max(Math.floor(MILLISECONDS / each), 1), MAX_BATCHES);
    this.#queued = 0;
  }
}
