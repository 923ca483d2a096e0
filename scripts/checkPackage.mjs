// What holds of the built package and of its lock file, checked by `npm test`; `--write` writes the list of its files anew.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { packedFiles } from "./packedFiles.mjs";
import { path } from "./setup.mjs";
import { sizeProblems, sizes } from "./sizes.mjs";

const LIST = path("api/files.txt");

/** Files that came to the package or went from it since the list was written. */
function fileProblems(files) {
  const listed = existsSync(LIST) ? readFileSync(LIST, "utf8").trimEnd().split("\n") : [];
  const more = files.filter((file) => !listed.includes(file)).map((file) => `  + ${file}`);
  const less = listed.filter((file) => !files.includes(file)).map((file) => `  - ${file}`);
  const changes = [...more, ...less];
  return changes.length === 0 ? [] : ["the package's files are not those of api/files.txt (npm run api):", ...changes];
}

/** Paths of the machine that built it would differ on the next one, and are nobody's business. */
function pathProblems(files) {
  const texts = files.filter((file) => /\.(js|map|ts)$/.test(file));
  return texts.flatMap((file) => {
    const text = readFileSync(path(file), "utf8");
    const isMap = file.endsWith(".map");
    const outside = isMap ? JSON.parse(text).sources.filter((source) => /^(\/|file:|[A-Z]:)/.test(source)) : [];
    const named = text.includes(path(".")) ? [path(".")] : [];
    return [...outside, ...named].map((found) => `${file} holds the path ${found}`);
  });
}

/** The importable package needs no other; its lock file names no place to fetch from, so that every registry serves. */
function supplyProblems() {
  const { dependencies = {}, scripts } = JSON.parse(readFileSync(path("package.json"), "utf8"));
  const names = Object.keys(dependencies).map((name) => `package.json: ${name} is a runtime dependency`);
  const hooks = ["preinstall", "install", "postinstall", "prepare"].filter((hook) => scripts[hook]);
  const { packages } = JSON.parse(readFileSync(path("package-lock.json"), "utf8"));
  const entries = Object.entries(packages).filter(([key]) => key !== "");
  const bad = entries.filter(([, { resolved, integrity, link }]) => resolved || (!integrity && !link));
  return [
    ...names,
    ...hooks.map((hook) => `package.json: the script ${hook} would run on users' machines`),
    ...bad.map(([key]) => `package-lock.json: ${key} should have an integrity and no address`),
  ];
}

/** Modules of the platform or of others, imported by what pages load. */
function importProblems() {
  const node = new Set(["cli.js", "headless.js"]);
  const pages = readdirSync(path("build")).filter((file) => file.endsWith(".js") && !node.has(file));
  return pages.flatMap((file) => {
    const text = readFileSync(path(`build/${file}`), "utf8");
    const found = Array.from(text.matchAll(/^(?:import|export)[^;]*?from\s*"([^"]+)";$/gm), ([, name]) => name);
    const foreign = found.filter((name) => !name.startsWith("./") && !name.startsWith("node:"));
    return foreign.map((name) => `build/${file} imports ${name}`);
  });
}

const files = packedFiles(path("."));
if (process.argv.includes("--write")) {
  writeFileSync(LIST, `${files.join("\n")}\n`);
  console.log(`api/files.txt written: ${files.length} files`);
} else {
  const problems = [...fileProblems(files), ...pathProblems(files), ...supplyProblems(), ...importProblems()];
  problems.push(...sizeProblems(await sizes()));
  if (problems.length > 0) console.log(problems.join("\n"));
  process.exitCode = problems.length > 0 ? 1 : 0;
}
