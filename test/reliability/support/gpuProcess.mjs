// A page on a GPU process of its own browser, which a row may end.
import { openPage, SWIFTSHADER_FLAGS } from "../../../scripts/chromium.mjs";
import { bundleProgram } from "./programs.mjs";

/** The two ways in which a GPU's process ends: by a signal from outside, by a crash inside. */
export const ENDS = {
  async killed(session) {
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    const gpu = processInfo.find(({ type }) => type === "GPU");
    if (gpu === undefined) throw new Error("the browser has no GPU process");
    process.kill(gpu.id, "SIGKILL");
  },
  async crashed(session) {
    await session.send("Browser.crashGpuProcess");
  },
};

/**
 * Opens a fresh Chromium with WebGPU on SwiftShader and loads a program into its page as `globalThis.program`. The page's
 * `endGpu(how)` ends the GPU's process.
 *
 * @param program a name of test/reliability/programs
 * @returns `{ page, close() }`
 */
export async function openWithProgram(program) {
  const bundle = await bundleProgram(program);
  const { browser, page, close } = await openPage(SWIFTSHADER_FLAGS, 120_000);
  try {
    const session = await browser.target().createCDPSession();
    await page.exposeFunction("endGpu", (how) => ENDS[how](session).catch((error) => String(error)));
    await page.evaluate(`import("/${bundle}").then((program) => { globalThis.program = program; })`);
    return { page, close };
  } catch (error) {
    close();
    throw error;
  }
}
