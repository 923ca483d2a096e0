import type { exec } from "uvu";

/** A test file by its path from the repository root; `load` evaluates it, which registers its suites. */
export type TestFile = readonly [path: string, load: () => Promise<unknown>];

/** What uvu puts into its queue for `suite.run()`: errors as text (or `true` for none), then counts of tests. */
type SuiteRun = () => Promise<[errors: string | true, passed: number, skipped: number, total: number]>;

/** uvu's own globals: with `UVU_DEFER` set it waits for `exec` instead of starting on a timer. */
interface UvuGlobals {
  UVU_DEFER: number;
  UVU_QUEUE: [name: string, ...runs: SuiteRun[]][];
  UVU_INDEX: number;
}

/**
 * Loads every file, then runs all their suites one after the other and prints uvu's report, the number of broken files
 * (those that throw while they load or register no test) and, last and together, what failed.
 * Left to itself uvu would start on a timer, in the middle of a bundle whose files await something at the top.
 */
export async function runFiles(files: readonly TestFile[]): Promise<void> {
  const failures: string[] = [];
  const globals: UvuGlobals = Object.assign(globalThis, { UVU_DEFER: 1, UVU_QUEUE: [], UVU_INDEX: 0 });
  const uvu: { exec: typeof exec } = await import("uvu");
  let broken = 0;
  for (const [path, load] of files) {
    globals.UVU_INDEX = globals.UVU_QUEUE.push([path]) - 1;
    const reason = await reasonNotToLoad(load);
    const [, ...runs] = globals.UVU_QUEUE[globals.UVU_INDEX] ?? [path];
    globals.UVU_QUEUE[globals.UVU_INDEX] = [path, ...runs.map((run) => recorded(path, run, failures))];
    if (reason === "" && runs.length > 0) continue;
    broken++;
    failures.push(`   FAIL  ${path}\n    ${reason || "registers no test; a suite starts with .run()"}\n`);
  }
  await uvu.exec();
  console.log(`\n  Broken:    ${broken}\n`);
  if (failures.length > 0) console.log(`\nFailures:\n${failures.join("\n")}`);
  if (failures.length > 0 && typeof process !== "undefined") process.exitCode = 1;
}

async function reasonNotToLoad(load: () => Promise<unknown>): Promise<string> {
  try {
    await load();
    return "";
  } catch (error) {
    return `threw while it was loaded: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}

/** The same run, its errors kept. uvu swallows what a suite's hook throws: the tests that did not run give it away. */
function recorded(path: string, run: SuiteRun, failures: string[]): SuiteRun {
  return async () => {
    const result = await run();
    const [errors, passed, , total] = result;
    if (errors !== true) failures.push(`${path}\n${errors}`);
    else if (passed < total) failures.push(`   FAIL  ${path}\n    a hook threw: ${total - passed} tests did not run\n`);
    return result;
  };
}
