// Finds a Firefox, and runs the bundled tests in one.
import { findExecutable } from "./executable.mjs";
import { runInPage } from "./page.mjs";

/** The browser's executable: FIREFOX_PATH, then the PATH; undefined where there is none. */
export const findFirefox = () => findExecutable([process.env.FIREFOX_PATH], ["firefox-esr", "firefox"]);

/** Runs a bundle of tests in a fresh Firefox: `{ output, reason }` as `runInPage` has it. */
export const runInFirefox = (bundle, seconds) =>
  runInPage(bundle, seconds, {
    browser: "firefox",
    executablePath: findFirefox(),
    env: { MOZ_CRASHREPORTER_DISABLE: "1" }, // a crash is told here, not to Mozilla
  });
