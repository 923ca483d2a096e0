import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "../../src/io/safetensors.ts";
import { decodeCheckpoint } from "../../src/train/checkpointFile.ts";
import { writeMnist } from "../support/mnistFiles.ts";
import { killThose, leftovers } from "../support/processes.ts";
import { type Ended, runProcess } from "../support/process.ts";

interface Files {
  folder: string;
  /** Where the processes under test put their temporary files. */
  temporary: string;
  data: string;
}

const headless = suite<Files>("torchlet train --headless");

headless.before((files) => {
  files.folder = mkdtempSync(join(tmpdir(), "torchlet-test-"));
  files.data = join(files.folder, "data");
  files.temporary = join(files.folder, "tmp");
  mkdirSync(files.data);
  mkdirSync(files.temporary);
  writeMnist(files.data, 450, 90);
});
headless.after(({ folder }) => rmSync(folder, { recursive: true }));

/** No browser and no profile is left. */
function assertClean({ temporary }: Files): void {
  assert.equal(leftovers(temporary), []);
  assert.equal(readdirSync(temporary), []);
}

type Watch = Parameters<typeof runProcess>[2];

function train(files: Files, out: string, args: readonly string[], onOutput?: Watch): Promise<Ended> {
  return torchlet(files, out, ["--data", files.data, "--batch-size", "50", ...args], onOutput);
}

function torchlet(
  { temporary, folder }: Files,
  out: string,
  args: readonly string[],
  onOutput?: Watch,
): Promise<Ended> {
  const command = ["build/cli.js", "train", "--out", join(folder, out), ...args];
  return runProcess("env", [`TMPDIR=${temporary}`, process.execPath, ...command], onOutput);
}

const trainInChrome = (files: Files, out: string, args: readonly string[], onOutput?: Watch): Promise<Ended> =>
  torchlet(files, out, ["--headless", ...args], onOutput);

/** Runs in Chrome until there is a checkpoint and this process has printed two epochs, and sends it a signal. */
async function cutShort(files: Files, signal: NodeJS.Signals, out: string, args: readonly string[]): Promise<Ended> {
  let sent = false;
  return trainInChrome(files, out, args, (output, kill) => {
    const isThere = existsSync(join(files.folder, out, "checkpoint.safetensors"));
    if (sent || !isThere || output.split("Epoch[").length < 3) return;
    sent = true;
    kill(signal);
  });
}

const METRICS = /"(trainLoss|trainAccuracy|valLoss|valAccuracy)":[^,]+/g;
const bytesOf = ({ folder }: Files, ...path: string[]): string =>
  readFileSync(join(folder, ...path)).toString("base64");
const metricsOf = ({ folder }: Files, out: string): string[] | null =>
  readFileSync(join(folder, out, "metrics.jsonl"), "utf8").match(METRICS);
const lastLine = ({ folder }: Files, out: string): { status?: string; device?: string } =>
  JSON.parse(
    readFileSync(join(folder, out, "metrics.jsonl"), "utf8")
      .trim()
      .split("\n")
      .at(-1) ?? "{}",
  );

headless("prints the lines of a run in Node and writes the same files, bit for bit", async (files) => {
  const args = ["--epochs", "2", "--save-best"];
  const node = await train(files, "node", args);
  const chrome = await train(files, "chrome", [...args, "--headless"]);
  assert.is(chrome.code, 0, chrome.stderr);
  assert.is(chrome.stderr, "");
  const timeless = (text: string) => text.replace(/^[\d.]+ seconds$/m, "s seconds").replace("/chrome/", "/node/");
  assert.is(timeless(chrome.stdout), timeless(node.stdout));
  const names = readdirSync(join(files.folder, "chrome")).sort();
  assert.equal(names, [
    "best.safetensors",
    "checkpoint.safetensors",
    "last.safetensors",
    "metrics.jsonl",
    "report.html",
  ]);
  for (const name of ["best.safetensors", "last.safetensors"])
    assert.ok(bytesOf(files, "chrome", name) === bytesOf(files, "node", name), `${name} differs`);
  assert.is(metricsOf(files, "chrome")?.length, 8);
  assert.equal(metricsOf(files, "chrome"), metricsOf(files, "node"));
  assert.equal(Object.keys(lastLine(files, "chrome")), ["status", "seconds", "device"]);
  assertClean(files);
});

headless("--json prints nothing but JSON lines", async (files) => {
  const { code, stdout, stderr } = await train(files, "json", ["--headless", "--json", "--epochs", "1"]);
  assert.is(code, 0, stderr);
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.equal(
    lines.map(({ epoch, status }) => epoch ?? status),
    [1, "completed"],
  );
  assert.type(lines[0]?.["valLoss"], "number");
  assert.equal(
    lines.map(({ device }) => device),
    [undefined, "cpu"],
  );
});

headless("weights that are not finite end the run, which says where", async (files) => {
  const { code, stdout, stderr } = await train(files, "nan", ["--headless", "--epochs", "1", "--lr", "1e38"]);
  assert.is(code, 1);
  assert.match(stderr, /NaN in step 2 of epoch 1; the first that is not finite is b1\.0\.weight/);
  assert.not.match(stdout, /Epoch\[/);
});

headless("a terminal shows the bar with images/s", async ({ data, folder, temporary }) => {
  const terminal = "data:text/javascript,process.stdout.isTTY=true;process.stdout.columns=80";
  const environment = ["-u", "NO_COLOR", "TERM=xterm", `TMPDIR=${temporary}`];
  const command = [
    "build/cli.js",
    "train",
    "--headless",
    "--data",
    data,
    "--out",
    join(folder, "bar"),
    "--epochs",
    "2",
  ];
  const args = [...environment, process.execPath, "--import", terminal, ...command, "--batch-size", "5"];
  const { stdout } = await runProcess("env", args);
  assert.match(stdout, /Epoch 1\/2/);
  assert.match(stdout, /[\d,]+ images\/s/);
});

headless("takes a software adapter only where webgpu is asked for by name, and says so", async (files) => {
  const wish = ["--headless", "--epochs", "1", "--batch-size", "450"];
  const auto = await train(files, "auto", [...wish, "--device", "auto"]);
  assert.is(auto.code, 0, auto.stderr);
  assert.is(auto.stderr, "");
  const named = await train(files, "webgpu", [...wish, "--device", "webgpu"]);
  assert.is(named.code, 0, named.stderr);
  assert.is(lastLine(files, "webgpu").device, "webgpu");
  if (lastLine(files, "auto").device === "cpu")
    assert.match(named.stderr, /^torchlet: webgpu: Chrome finds no hardware GPU here; going on with SwiftShader.*\n$/);
  assertClean(files);
});

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)
  headless(`${signal} ends a run between two steps: weights are written, no process is left`, async (files) => {
    let sent = false;
    const ended = await train(files, signal, ["--headless", "--epochs", "100000"], (output, kill) => {
      if (sent || !output.includes("Epoch[2/")) return;
      sent = true;
      kill(signal);
    });
    assert.is(ended.code, code, ended.stderr);
    assert.match(ended.stdout, /seconds\n\nWrote /);
    assert.is(lastLine(files, signal).status, "aborted");
    assert.is(parse(new Uint8Array(readFileSync(join(files.folder, signal, "last.safetensors")))).tensors.size, 10);
    assertClean(files);
  });

headless("--resume goes on where a run was killed and where it was stopped, to the same files", async (shared) => {
  // A process that is killed removes nothing: its browser ends by itself, its profile stays.
  const files = { ...shared, temporary: join(shared.folder, "killed") };
  mkdirSync(files.temporary);
  const job = ["--data", files.data, "--batch-size", "30", "--save-best", "--seed", "3"];
  const killed = await cutShort(files, "SIGKILL", "cut", [...job, "--epochs", "100000"]);
  assert.is(killed.code, null);
  const stopped = await cutShort(files, "SIGTERM", "cut", ["--resume"]);
  assert.is(stopped.code, 143, stopped.stderr);
  assert.match(stopped.stdout, /^Training goes on after step \d+ of epoch \d+\nEpoch/m);
  assert.match(stopped.stdout, /\nGo on with: torchlet train --headless --resume --out \S+cut\n/);
  const checkpoint = readFileSync(join(files.folder, "cut", "checkpoint.safetensors"));
  const { epoch, step } = decodeCheckpoint(new Uint8Array(checkpoint), "cut").snapshot;
  const epochs = ["--epochs", String(epoch + 1)];
  const resumed = await trainInChrome(files, "cut", ["--resume", ...epochs]);
  assert.is(resumed.code, 0, resumed.stderr);
  assert.match(resumed.stdout, `Training goes on after step ${step} of epoch ${epoch}\nEpoch`);
  const whole = await trainInChrome(files, "whole", [...job, ...epochs]);
  assert.is(whole.code, 0, whole.stderr);
  for (const name of ["best.safetensors", "last.safetensors"])
    assert.ok(bytesOf(files, "cut", name) === bytesOf(files, "whole", name), `${name} differs`);
  assert.equal(metricsOf(files, "cut"), metricsOf(files, "whole"));
  assert.equal(readdirSync(join(files.folder, "cut")).sort(), readdirSync(join(files.folder, "whole")).sort());
  assert.equal(leftovers(files.temporary), []);
});

headless("a second signal ends everything at once, also where the page does not answer the first", async (files) => {
  let [sentAt, isHeld, written] = [0, false, [] as string[]];
  const { code, stdout } = await train(files, "twice", ["--headless", "--epochs", "100000"], (output, kill) => {
    if (sentAt > 0 || !output.includes("Epoch[1/")) return;
    written = readdirSync(files.temporary);
    // Held, the page cannot end the run in the time between the signals.
    isHeld = killThose(files.temporary, "--type=renderer", "SIGSTOP");
    sentAt = performance.now();
    kill("SIGTERM");
    setTimeout(() => kill("SIGINT"), 300);
  });
  assert.ok(isHeld);
  // Where it has not run between them, the system hands it SIGINT first.
  assert.ok(code === 130 || code === 143, `ended with ${code}`);
  // The first one alone waits for the page for 30 s.
  assert.ok(performance.now() - sentAt < 20_000);
  assert.not.match(stdout, /Wrote/);
  // A browser that is killed removes nothing itself, so all that it writes lies in its profile.
  assert.is(written.length, 1, written.join());
  assertClean(files);
});

headless("a page that crashes fails the run with a sentence", async (files) => {
  let killed = false;
  const { code, stderr } = await train(files, "crash", ["--headless", "--epochs", "100000"], (output) => {
    if (killed || !output.includes("Epoch[1/")) return;
    killed = killThose(files.temporary, "--type=renderer");
  });
  assert.is(code, 1);
  assert.match(stderr, /^torchlet: headless: the page has crashed: .*\n$/);
  assertClean(files);
});

headless("a browser that is killed fails the run with a sentence", async (files) => {
  let killed = false;
  const { code, stderr } = await train(files, "killed", ["--headless", "--epochs", "100000"], (output) => {
    if (killed || !output.includes("Epoch[1/")) return;
    killed = killThose(files.temporary, "--remote-debugging-pipe");
  });
  assert.is(code, 1);
  assert.match(stderr, /^torchlet: headless: the (browser|page) .*\n$/);
  assertClean(files);
});

headless("errors are those of a run in Node, with the folder's name", async (files) => {
  const nowhere = join(files.folder, "nowhere");
  const args = ["--data", nowhere, "--epochs", "1"];
  const node = await train(files, "x", args);
  const chrome = await train(files, "x", [...args, "--headless"]);
  assert.is(chrome.code, 1);
  assert.is(chrome.stderr, node.stderr);
  writeFileSync(join(files.folder, "train-images-idx3-ubyte"), "no IDX file");
  const broken = ["--data", files.folder, "--epochs", "1"];
  assert.is((await train(files, "x", [...broken, "--headless"])).stderr, (await train(files, "x", broken)).stderr);
  assertClean(files);
});

headless("without Puppeteer it says how to install it", async ({ folder, data }) => {
  const bare = join(folder, "bare");
  mkdirSync(join(bare, "build"), { recursive: true });
  for (const name of readdirSync("build").filter((each) => each.endsWith(".js")))
    cpSync(join("build", name), join(bare, "build", name));
  cpSync("package.json", join(bare, "package.json"));
  const out = join(folder, "bare-out");
  const args = [join(bare, "build/cli.js"), "train", "--headless", "--data", data, "--out", out];
  const { code, stderr } = await runProcess(process.execPath, args);
  assert.is(code, 1);
  assert.match(stderr, /^torchlet: .*puppeteer; run: npm install puppeteer\n$/);
});

headless("without a browser it says what to install; a variable that names none is refused", async (files) => {
  const { folder, data } = files;
  const run = (...environment: string[]) => {
    const args = ["build/cli.js", "train", "--headless", "--data", data, "--out", join(folder, "none")];
    const bare = ["-u", "PUPPETEER_EXECUTABLE_PATH", "-u", "CHROME_PATH", `PATH=${folder}`, `HOME=${folder}`];
    return runProcess("env", [...bare, ...environment, process.execPath, ...args]);
  };
  if (!existsSync("/opt/google/chrome/chrome")) {
    const { code, stderr } = await run();
    assert.is(code, 1);
    assert.match(
      stderr,
      /^torchlet: headless: no Chrome or Chromium was found; run: npx puppeteer browsers install.*\n$/,
    );
  }
  const { code, stderr } = await run(`CHROME_PATH=${join(folder, "no-chrome")}`);
  assert.is(code, 1);
  assert.match(stderr, /^torchlet: headless: CHROME_PATH is to name Chrome's program, got .*no-chrome; .*\n$/);
});

headless.run();
