import { init } from "../../src/index.ts";

/** Makes the CPU device the default. */
export async function useCpu(): Promise<void> {
  await init({ device: "cpu" });
}
