// Finds a Firefox, and runs the bundled tests in one.
import { findExecutable } from "./executable.mjs";
import { runInPage } from "./page.mjs";

/** The browser's executable: FIREFOX_PATH, then the PATH; undefined where there is none. */
export const findFirefox = () => findExecutable([process.env.FIREFOX_PATH], ["firefox-esr", "firefox"]);

/**
 * On some processors with AVX-512 (seen with Firefox 140 on an Intel Xeon in a virtual machine) WebAssembly's SIMD in AVX encoding
 * mixes with older code in isolated pages, and every instruction takes about a hundred cycles; without AVX none does.
 */
const PREFERENCES = { "javascript.options.wasm_simd_avx": false };

/** Runs a bundle of tests in a fresh Firefox: `{ output, reason }` as `runInPage` has it. */
export const runInFirefox = (bundle, seconds) =>
  runInPage(bundle, seconds, {
    browser: "firefox",
    executablePath: findFirefox(),
    extraPrefsFirefox: PREFERENCES,
    env: { MOZ_CRASHREPORTER_DISABLE: "1" }, // a crash is told here, not to Mozilla
  });
