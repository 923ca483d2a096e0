// What the tests need from the system: a Chromium, a Firefox, and Mesa's software Vulkan driver for WebGPU outside the browser.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { findChromium } from "./chromium.mjs";
import { findFirefox } from "./firefox.mjs";
import { run } from "./setup.mjs";

const DRIVERS = "/usr/share/vulkan/icd.d";
const APT = "/usr/bin/apt-get";

/** The manifest of Mesa's software Vulkan driver; undefined where it is not installed. */
export function mesaDriver() {
  if (!existsSync(DRIVERS)) return undefined;
  const file = readdirSync(DRIVERS).find((name) => /^lvp_icd.*\.json$/.test(name));
  return file && join(DRIVERS, file);
}

/** Names what a place needs and this machine lacks, as Debian's packages. */
function missingPackages(places) {
  const missing = [];
  if (places.includes("chromium") && !findChromium()) missing.push("chromium");
  if (places.includes("firefox") && !findFirefox()) missing.push("firefox-esr");
  if (places.includes("deno") && process.platform === "linux" && !mesaDriver()) missing.push("mesa-vulkan-drivers");
  return missing;
}

/**
 * Installs what is missing where this process may (root on Debian). Elsewhere it says what to install and ends the
 * command: a place that cannot run is a failure, never a silent gap.
 */
export function ensureSystemPackages(places) {
  const missing = missingPackages(places);
  if (missing.length === 0) return;
  const names = missing.join(" and ");
  if (!existsSync("/etc/debian_version") || !existsSync(APT) || process.getuid?.() !== 0) {
    console.error(
      `torchlet: the tests need ${names}; install it as root (on Debian: apt-get install ${missing.join(" ")}), or name a browser in PUPPETEER_EXECUTABLE_PATH (Chromium) or FIREFOX_PATH.`,
    );
    process.exit(1);
  }
  console.log(`torchlet: installing the system packages ${names}, which the tests need`);
  const options = { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
  run(APT, ["update", "-qq"], options);
  run(APT, ["install", "-y", "-qq", "--no-install-recommends", ...missing], options);
}
