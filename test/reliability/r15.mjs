// R15: Deno with the least rights.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { path } from "../../scripts/setup.mjs";
import { mesaDriver } from "../../scripts/testSystem.mjs";
import { ensure, same, tally } from "./support/tally.mjs";
import { runTests } from "./support/tests.mjs";

export const title =
  "In Deno importing needs no permission, training one to read the data and one to write the result, on the CPU and on WebGPU; what is missing is named.";

const DENIED = ["net", "env", "run", "ffi", "sys"].map((name) => `--deny-${name}`);
const BOTH = ["--allow-read=data", "--allow-write=out"];
const entry = (name) => pathToFileURL(path(`build/${name}.js`)).href;

/** Trains some steps on the device that the first argument names, with data from where the second says. */
const PROGRAM = `
import { init, manualSeed, nn, optim, readState, diagnose } from ${JSON.stringify(entry("index"))};
import { loadMnist } from ${JSON.stringify(entry("data"))};
import { serialize } from ${JSON.stringify(entry("safetensors"))};
const [device, from] = Deno.args;
await init({ device });
manualSeed(0);
const model = new nn.Sequential(new nn.Flatten(), new nn.Linear(784, 10));
const optimizer = new optim.Adam(model.parameters());
const lossFn = new nn.CrossEntropyLoss();
for await (const [x, y] of await loadMnist(from, { batchSize: 20, train: true })) {
  const loss = lossFn(model(x), y);
  optimizer.zeroGrad();
  loss.backward();
  await optimizer.step();
}
const state = [...await readState(model)].map(([name, { shape, data }]) => [name, { dtype: "F32", shape, data }]);
Deno.writeFileSync("out/" + device, serialize(state));
console.log(diagnose().device);
`;

/** MNIST's files with a few images. */
function writeData(folder) {
  for (const [part, n] of Object.entries({ train: 100, t10k: 20 })) {
    const sizes = (...dims) => dims.flatMap((size) => [0, 0, size >> 8, size & 255]);
    const images = Uint8Array.from({ length: n * 784 }, (_, i) => (i * 7) % 256);
    const labels = Uint8Array.from({ length: n }, (_, i) => i % 10);
    writeFileSync(join(folder, `${part}-images-idx3-ubyte`), Buffer.from([0, 0, 8, 3, ...sizes(n, 28, 28), ...images]));
    writeFileSync(join(folder, `${part}-labels-idx1-ubyte`), Buffer.from([0, 0, 8, 1, ...sizes(n), ...labels]));
  }
}

function openFolder() {
  const folder = mkdtempSync(join(tmpdir(), "torchlet-reliability-"));
  for (const name of ["data", "out"]) mkdirSync(join(folder, name));
  writeData(join(folder, "data"));
  writeFileSync(join(folder, "train.mjs"), PROGRAM);
  writeFileSync(
    join(folder, "imports.mjs"),
    ["index", "data", "train", "worker"].map((e) => `import "${entry(e)}";`).join("\n"),
  );
  return folder;
}

/** Runs a script with these rights: `{ code, stdout, stderr }`. */
function deno(cwd, rights, ...args) {
  const options = ["run", "--no-prompt", "--no-config", "--no-lock", "--no-remote", "--no-npm", ...rights];
  const env = { ...process.env, NO_COLOR: "1", VK_ICD_FILENAMES: mesaDriver() ?? "", XDG_RUNTIME_DIR: tmpdir() };
  return new Promise((resolve) => {
    const settings = { cwd, env, timeout: 60_000 };
    execFile(path("node_modules/.bin/deno"), [...options, ...args], settings, (error, stdout, stderr) =>
      resolve({ code: error ? (error.code ?? 1) : 0, stdout, stderr }),
    );
  });
}

/** @returns the first words that a refusal must say, by what was not allowed */
const REFUSED = [
  [["--allow-write=out"], "data", /DataError: reading data\/.* --allow-read/],
  [["--allow-read=data"], "data", /Requires write access to "out\/cpu".* --allow-write/],
  [BOTH, "http://127.0.0.1:65530", /DataError: .*(net access|--deny-net|--allow-net)/],
];

export async function row({ cut }) {
  const t = tally();
  const folder = openFolder();
  try {
    await t.try("importing", async () => {
      const { code, stderr } = await deno(folder, [...DENIED, "--deny-read", "--deny-write"], "imports.mjs");
      same([code, stderr], [0, ""]);
    });
    for (const device of ["cpu", "webgpu"])
      await t.try(`training on ${device}`, async () => {
        const { code, stdout, stderr } = await deno(folder, [...BOTH, ...DENIED], "train.mjs", device, "data");
        same([code, stdout], [0, `${device}\n`], stderr);
        ensure(readdirSync(join(folder, "out")).includes(device), "nothing was written");
      });
    for (const [rights, from, words] of REFUSED)
      await t.try(`with ${rights.join(" ")} from ${from}`, async () => {
        const { code, stderr } = await deno(folder, [...rights, ...DENIED], "train.mjs", "cpu", from);
        ensure(code === 1 && words.test(stderr), `ended with ${code}: ${stderr}`);
      });
    if (!cut) await runTests(t, ["node/denoPermissions"], "node-only");
    return t.result("runs and tests");
  } finally {
    rmSync(folder, { recursive: true });
  }
}
