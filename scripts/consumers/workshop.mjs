// Where the consumers are tried: a temporary folder with the packed tarball, and a copy of each fixture that installs it.
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { path } from "../setup.mjs";

const KEPT_LINES = 25;
const SECONDS = { install: 300, command: 240 };
const INSTALL = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];

const running = new Set();

/** Kills a child and what it has started: each is the leader of its own process group. */
function killGroup(child) {
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL"); // the group has ended by itself
  }
}

/** The environment of a child: nothing of the repository's own run of npm, no colours, no news, no telemetry. */
function environment(more) {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^npm_(package|lifecycle|config_local)|^FORCE_COLOR$/.test(name),
  );
  const quiet = { NO_COLOR: "1", CI: "1", DENO_NO_UPDATE_CHECK: "1", NEXT_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" };
  return { ...Object.fromEntries(own), ...quiet, ...more };
}

/** Starts a command in a group of its own; whoever starts it ends it, and so does the end of this process. */
export function start(command, args, { cwd, env = {} }) {
  const child = spawn(command, args, { cwd, env: environment(env), detached: true, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  child.on("close", () => running.delete(child));
  child.stdout.setEncoding("utf8");
  child.stderr.setEncoding("utf8");
  return { child, stop: () => killGroup(child) };
}

/**
 * Runs a command to its end.
 *
 * @returns `{ stdout, stderr }`
 * @throws Error with the end of its output where it fails or takes longer than `seconds`
 */
function exec(command, args, { seconds = SECONDS.command, fails = false, ...options }) {
  const { child, stop } = start(command, args, options);
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (text) => {
    output.stdout += text;
  });
  child.stderr.on("data", (text) => {
    output.stderr += text;
  });
  return new Promise((resolve, reject) => {
    const fail = (reason) => {
      const tail = `${output.stdout}${output.stderr}`.trimEnd().split("\n").slice(-KEPT_LINES).join("\n");
      reject(new Error(`${[command, ...args].join(" ")}: ${reason}\n${tail}`));
    };
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      stop();
    }, seconds * 1000);
    child.on("error", (error) => fail(error.message));
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (late) fail(`took longer than ${seconds} s`);
      else if (fails ? code === 0 || code === null : code !== 0) fail(`ended with ${signal ?? `exit code ${code}`}`);
      else resolve(output);
    });
  });
}

/** Packs the built package as it would be published. @returns the temporary folder, the tarball, `clear(name)` for one of its folders, `close()` */
export async function openWorkshop() {
  const folder = mkdtempSync(join(tmpdir(), `torchlet-consumers-${process.pid}-`));
  const clear = (name) => rmSync(join(folder, name), { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  const close = () => {
    process.off("exit", close);
    for (const child of running) killGroup(child);
    clear(".");
  };
  process.on("exit", close);
  const options = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const { stdout } = await exec("npm", options, { cwd: path("."), seconds: SECONDS.install });
  const [packed] = JSON.parse(stdout);
  renameSync(join(folder, packed.filename), join(folder, "torchlet.tgz"));
  return { folder, packed, clear, close };
}

/** The fixture's package.json without its tools. */
function leaveToolsOut(folder) {
  const file = join(folder, "package.json");
  const { devDependencies: _, ...rest } = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify(rest));
}

/** Lets npm install the tarball alone into a fixture's folder, or copies what it has installed into another one's. */
async function installOnce(root, folder, install) {
  const [installed, place] = [join(root, "installed"), join(folder, "node_modules")];
  leaveToolsOut(folder);
  if (existsSync(installed)) return cpSync(installed, place, { recursive: true, verbatimSymlinks: true });
  await install();
  cpSync(place, installed, { recursive: true, verbatimSymlinks: true });
}

/**
 * Copies a fixture out of the repository and gives it the tarball: installed by npm with the fixture's own tools, or, where it
 * has no package.json, unpacked into its folder `package`. Without tools all fixtures depend on the same, the tarball, so what npm
 * has installed for the first of them is copied to the others.
 *
 * @param own false takes tools from the repository instead, so that nothing is downloaded
 * @returns `{ folder, run(command, args, options) }`; what is run finds the tools on its PATH
 */
export async function installFixture(workshop, { name, shared = [], sources = "." }, own) {
  const folder = join(workshop.folder, name);
  cpSync(path(`consumers/${name}`), folder, { recursive: true });
  for (const file of shared) cpSync(path(`consumers/shared/${file}`), join(folder, sources, file));
  const tools = own ? [join(folder, "node_modules/.bin")] : [];
  const PATH = [...tools, path("node_modules/.bin"), process.env.PATH].join(delimiter);
  const run = (command, args = [], options = {}) =>
    exec(command, args, { cwd: folder, ...options, env: { PATH, ...options.env } });
  const install = (source) => run("npm", [...INSTALL, source], { seconds: SECONDS.install });
  if (!existsSync(join(folder, "package.json"))) await run("tar", ["-xzf", "../torchlet.tgz"]);
  else if (own) await install("--prefer-offline");
  else await installOnce(workshop.folder, folder, () => install("--offline"));
  return { folder, PATH, run };
}
