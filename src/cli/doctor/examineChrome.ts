import { openBrowser } from "../../headless/browser.ts";
import { findBrowser, loadPuppeteer } from "../../headless/findBrowser.ts";
import { BLANK_PATH, serve } from "../../headless/server.ts";
import { type Advice, type Finding, sentenceOf } from "./finding.ts";
import { distribution, packageVersion } from "./system.ts";

const SECONDS_TO_START = 60;
const about = { key: "chrome", name: "Chrome" } as const;

/** Chrome for `--headless`: which is found, whether it starts, and which GPU it offers its pages. */
export async function examineChrome(signal: AbortSignal): Promise<Finding> {
  const core = packageVersion("puppeteer") === undefined && packageVersion("puppeteer-core") !== undefined;
  const name = core ? "puppeteer-core" : "puppeteer";
  const version = packageVersion(name);
  let executable: string | undefined;
  try {
    executable = findBrowser(await loadPuppeteer());
    const { browser, software } = await within(SECONDS_TO_START, start(signal));
    const gpu = software ? "software only (SwiftShader)" : "a hardware GPU";
    const says = `${browser} starts (${executable}), by ${name} ${version ?? ""}; WebGPU in it: ${gpu}`.replace(
      " ;",
      ";",
    );
    return { ...about, state: "works", says, facts: { [name]: version, executable, browser, softwareGpu: software } };
  } catch (error) {
    const says = sentenceOf(error);
    const missing = /needs the package|no Chrome or Chromium/.test(says);
    return {
      ...about,
      state: missing ? "missing" : "broken",
      says: missing ? says.replace(/^headless: /, "").replace(/; run: .*$/, "") : says,
      advice: adviceFor(says, executable),
      facts: { [name]: version, executable },
    };
  }
}

/** Starts Chrome as `--headless --device webgpu` does, and ends it. */
async function start(signal: AbortSignal): Promise<{ browser: string; software: boolean }> {
  const server = await serve({ root: undefined, origin: undefined, data: undefined });
  let software = false;
  const onWarning = () => {
    software = true;
  };
  try {
    const wish = { device: "webgpu", blankUrl: server.url + BLANK_PATH, flags: [], onWarning, signal } as const;
    const own = await openBrowser(wish);
    try {
      return { browser: (await own.browser.version()).replace("/", " "), software };
    } finally {
      await own.close();
    }
  } finally {
    server.close();
  }
}

async function within<Result>(seconds: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Chrome does not start within ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function adviceFor(says: string, executable: string | undefined): Advice[] {
  if (says.includes("needs the package"))
    return [{ run: "npm install puppeteer", why: "for --headless; it brings a Chrome" }];
  if (says.includes("to name Chrome's program")) return [{ run: "correct the variable or unset it" }];
  const why = executable === undefined ? "for --headless" : "with the libraries it needs";
  const own = { run: "npx puppeteer browsers install chrome", why };
  const system = systemChrome();
  return system === undefined ? [own] : [own, { run: system, why: "or the system's" }];
}

/** The line that installs a browser on this system, where it is known. */
export function systemChrome(platform: string = process.platform, names: string = distribution()): string | undefined {
  if (platform === "darwin") return "brew install --cask google-chrome";
  if (platform === "win32") return "winget install Google.Chrome";
  const [first = ""] = names.split(" ");
  // Ubuntu's chromium is a snap, which Puppeteer cannot start.
  if (first === "ubuntu") return undefined;
  const lines: readonly (readonly [RegExp, string])[] = [
    [/debian/, "apt-get install chromium"],
    [/fedora|rhel|centos/, "dnf install chromium"],
    [/arch/, "pacman -S chromium"],
    [/alpine/, "apk add chromium"],
    [/suse/, "zypper install chromium"],
  ];
  return lines.find(([name]) => name.test(names))?.[1];
}
