import { resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runProcess } from "../support/process.ts";

const threads = suite("threads of a program");

const program = (body: string) => `
  const { init, randn } = await import(${JSON.stringify(resolve("build/index.js"))});
  const device = await init({ device: "cpu", threads: 2 });
  ${body}`;

const run = (command: string, args: string[]) => runProcess(command, args);

for (const [place, command, args] of [
  ["Node", process.execPath, ["--input-type=module", "-e"]],
  ["Deno", "node_modules/.bin/deno", ["eval", "--no-config"]],
] as const) {
  threads(
    `${place}: a program with idle threads ends by itself, one that waits for them does not end before`,
    async () => {
      const idle = await run(command, [...args, program('console.log("idle");')]);
      assert.equal([idle.code, idle.stdout], [0, "idle\n"], idle.stderr);
      const body =
        "let y = randn(400, 400); for (let i = 0; i < 20; i++) y = y.matmul(y); console.log((await y.data()).length);";
      const busy = await run(command, [...args, program(body)]);
      assert.equal([busy.code, busy.stdout], [0, "160000\n"], busy.stderr);
    },
  );
}

threads.run();
