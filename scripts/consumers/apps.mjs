// The fixtures that run in Chromium.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildQuietly, expectError, judge } from "./judge.mjs";
import { hotReload } from "./hotReload.mjs";
import { ISOLATED, readPage } from "./pages.mjs";

const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "connect-src 'self'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "require-trusted-types-for 'script'",
  "trusted-types app",
].join("; ");

/** Builds without a word of complaint, then the page trains: `place` is the folder that a user would put on the web. */
const built =
  (place = ".") =>
  async ({ folder, run }) => {
    await buildQuietly(run);
    return judge((await readPage(join(folder, place))).report);
  };

/** Nothing to build: the page is served as it lies there. */
const served = async ({ folder }) => judge((await readPage(folder)).report);

/** One thread and two where memory can be shared; elsewhere two are refused in words that name the headers. */
async function isolation({ folder }) {
  const open = async (headers, threads) => (await readPage(folder, `/?threads=${threads}`, { headers })).report;
  judge(await open({}, 1));
  judge(await open(ISOLATED, 1), { isolated: true });
  const note = judge(await open(ISOLATED, 2), { threads: 2, isolated: true });
  expectError(await open({}, 2), "DeviceError", "Cross-Origin-Opener-Policy");
  return `${note}, 1 and 2 threads`;
}

const policy = (text, more = ISOLATED) => ({ ...more, "Content-Security-Policy": text });

/** The page and its worker train under the policy; where memory can be shared the page does so on two threads too. */
async function trainUnderPolicy(folder, headers) {
  const { report } = await readPage(folder, "/", { headers });
  if (report.error) throw new Error(`${report.error.name}: ${report.error.message}`);
  const isolated = "Cross-Origin-Opener-Policy" in headers;
  judge(report.worker, { isolated });
  if (isolated) judge(report.threaded, { threads: 2, isolated });
  return judge(report.page, { isolated });
}

async function strictPolicy({ folder, run }) {
  await buildQuietly(run);
  await trainUnderPolicy(folder, policy(POLICY, {}));
  const note = await trainUnderPolicy(folder, policy(POLICY));
  const headers = policy(POLICY.replace(" 'wasm-unsafe-eval'", ""));
  const refused = await readPage(folder, "/", { headers, allow: /policy|Content Security Policy/ });
  expectError(refused.report, "DeviceError", "'wasm-unsafe-eval'");
  return `${note}, isolated and not, 0 violations`;
}

/** A worker that trained to its end, and again until it was aborted. */
function judgeWorker(report) {
  if (report.epochs.join() !== "1,2,3" || report.aborted !== "aborted")
    throw new Error(`expected epochs 1,2,3 and an abort, got ${report.epochs} and ${report.aborted}`);
  return judge(report);
}

async function bundledWorker({ folder, run }) {
  const places = {
    vite: ["vite-dist", "/"],
    webpack: [".", "/webpack.html"],
    parcel: ["parcel-dist", "/"],
  };
  let note;
  for (const [bundler, [served, page]] of Object.entries(places)) {
    await buildQuietly(run, `build:${bundler}`);
    note = judgeWorker((await readPage(join(folder, served), page)).report);
  }
  return `${note}, by ${Object.keys(places).join(", ")}`;
}

/** Import maps do not reach into workers: a page without a bundler imports by path there. */
async function staticWorker({ folder }) {
  const file = join(folder, "train.js");
  const byPath = (_, name = "/index") => `from "./node_modules/torchlet/build${name}.js"`;
  writeFileSync(file, readFileSync(file, "utf8").replace(/from "torchlet(\/\w+)?"/g, byPath));
  return judgeWorker((await readPage(folder)).report);
}

async function mnistByUrl({ folder, run }) {
  await run("npm", ["run", "--silent", "data"]);
  // loadMnist looks at several names, and Chromium tells of each that is not there
  const { report } = await readPage(folder, "/", { allow: /status of 404/ });
  const { trainLoss, valAccuracy, status } = report;
  if (status !== "completed" || trainLoss.length !== 3 || !(trainLoss[2] < trainLoss[0]))
    throw new Error(`the loss did not fall: ${JSON.stringify(report)}`);
  return `loss ${trainLoss[0].toFixed(2)} → ${trainLoss[2].toFixed(2)}, accuracy ${valAccuracy[2]}`;
}

async function typescript(app) {
  await app.run("tsc");
  return built()(app);
}

export const APPS = [
  {
    name: "static",
    quick: true,
    shared: ["train.js"],
    test: async ({ folder }) => judge((await readPage(folder)).report),
  },
  { name: "lean", quick: true, shared: ["train.js"], test: served },
  { name: "isolation", quick: true, shared: ["train.js"], test: isolation },
  { name: "csp", quick: true, shared: ["train.js"], test: strictPolicy },
  { name: "mnist", shared: ["digits.js"], test: mnistByUrl },
  { name: "static-worker", quick: true, shared: ["train.js"], test: staticWorker },
  { name: "worker", shared: ["train.js"], sources: "src", test: bundledWorker },
  { name: "hot-reload", shared: ["train.js"], test: hotReload },
  { name: "vite", shared: ["train.js"], test: built("dist") },
  { name: "webpack", shared: ["train.js"], sources: "src", test: built() },
  { name: "rollup", shared: ["train.js"], test: built() },
  { name: "esbuild", quick: true, shared: ["train.js"], test: built() },
  { name: "next", shared: ["train.js"], sources: "app", test: built("out") },
  { name: "sveltekit", shared: ["train.js"], sources: "src/lib", test: built("build") },
  { name: "parcel", shared: ["train.js"], test: built("dist") },
  { name: "typescript-bundler", quick: true, shared: ["train.ts", "misuse.ts"], test: typescript },
];
