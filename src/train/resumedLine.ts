import type { Resumption } from "./fitOptions.ts";

/** The line that tells where a run goes on. */
export function resumedLine({ epoch, step, exact }: Resumption): string {
  const loss = exact ? "" : "; the numbers may differ from those of a run that was not interrupted";
  return `Training goes on after step ${step} of epoch ${epoch}${loss}`;
}
