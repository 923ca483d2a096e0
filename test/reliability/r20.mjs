// R20: the supply chain.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { path } from "../../scripts/setup.mjs";
import { ensure, same, tally } from "./support/tally.mjs";

export const title =
  "The library has no runtime dependency, a lock file with hashes and no addresses, no known vulnerability, the same bytes from every build, a bill of materials, and asks for no network.";
export const seconds = 1200;

/** Milliseconds that a command may take: two builds take half a minute, on a busy machine ten times as long. */
const PATIENCE = 500_000;

/** Runs a command in the repository: `{ status, stdout, stderr, error }`. */
const run = (command, args) =>
  spawnSync(command, args, { cwd: path("."), encoding: "utf8", maxBuffer: 1 << 26, timeout: PATIENCE });
const json = (file) => JSON.parse(readFileSync(path(file), "utf8"));

function lockIsClean() {
  const { packages } = json("package-lock.json");
  const entries = Object.entries(packages).filter(([name]) => name !== "");
  ensure(entries.length > 100, `${entries.length} packages`);
  same(
    entries.filter(([, { resolved }]) => resolved !== undefined),
    [],
  );
  same(
    entries.filter(([, { integrity, link }]) => !link && !/^sha512-/.test(integrity ?? "")).map(([name]) => name),
    [],
  );
}

/** Imports every entry point and trains, while whatever would open a connection or ask for a name throws. */
const OFFLINE = `
import net from "node:net";
import dns from "node:dns";
import dgram from "node:dgram";
const refuse = (what) => () => { console.log("asked for " + what); throw new TypeError("no network: " + what); };
net.Socket.prototype.connect = refuse("a connection");
dns.lookup = refuse("a name");
dgram.createSocket = refuse("a socket");
globalThis.fetch = refuse("a URL");
const { exports } = JSON.parse((await import("node:fs")).readFileSync("package.json", "utf8"));
const entries = Object.values(exports).flatMap((entry) => entry.default ?? []);
for (const entry of entries) await import(new URL(entry, "file://" + process.cwd() + "/").href);
const { init, nn, optim, randn } = await import(new URL("build/index.js", "file://" + process.cwd() + "/").href);
for (const threads of [1, 2]) {
  const device = await init({ device: "cpu", threads });
  const model = new nn.Linear(4, 2);
  const optimizer = new optim.Adam(model.parameters());
  model(randn(3, 4)).sum().backward();
  await optimizer.step();
  device.dispose();
}
console.log(entries.length + " entry points");
`;

function asksForNoNetwork() {
  const { status, stdout, stderr } = run(process.execPath, ["--input-type=module", "--eval", OFFLINE]);
  ensure(status === 0 && /^\d+ entry points\n$/.test(stdout), `ended with ${status}: ${stdout}${stderr}`);
}

function hasBillOfMaterials() {
  const { status, stdout, stderr } = run("npm", ["sbom", "--sbom-format", "cyclonedx", "--omit=dev"]);
  ensure(status === 0, stderr);
  const { bomFormat, specVersion, metadata, components, dependencies } = JSON.parse(stdout);
  const { version } = json("package.json");
  same([bomFormat, metadata.component.purl, components], ["CycloneDX", `pkg:npm/torchlet@${version}`, []]);
  ensure(/^1\.\d$/.test(specVersion), `specVersion is ${specVersion}`);
  same(dependencies, [{ ref: `torchlet@${version}`, dependsOn: [] }]);
}

/** @returns what `npm audit` came to; where the registry answers no such question that is said, and counts for nothing */
async function audit(t) {
  const { stdout, stderr } = run("npm", ["audit", "--omit=dev", "--json"]);
  const { metadata, error } = JSON.parse(stdout || "{}");
  if (metadata === undefined)
    return `npm audit skipped, the registry does not answer it (${error?.code ?? stderr.trim().slice(0, 80)})`;
  await t.try("npm audit", () => same(metadata.vulnerabilities.total, 0, "vulnerabilities"));
  return `npm audit ${metadata.vulnerabilities.total}`;
}

export async function row({ cut }) {
  const t = tally();
  await t.try("no runtime dependency", () => {
    const { dependencies, optionalDependencies, bundleDependencies } = json("package.json");
    same([dependencies, optionalDependencies, bundleDependencies], [undefined, undefined, undefined]);
  });
  await t.try("package-lock.json", lockIsClean);
  await t.try("network", asksForNoNetwork);
  await t.try("bill of materials", hasBillOfMaterials);
  if (cut) return t.result("checks, npm audit and builds left out");
  const audited = await audit(t);
  for (const [what, args] of [
    ["packed files", ["scripts/checkPackage.mjs"]],
    ["two builds", ["scripts/reproducible.mjs"]],
  ])
    await t.try(what, () => {
      const { status, stdout, stderr, error } = run(process.execPath, args);
      ensure(status === 0, `${error?.message ?? ""}${stdout}${stderr}`);
    });
  return t.result(`checks; ${audited}`);
}
