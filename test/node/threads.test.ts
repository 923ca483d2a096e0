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
  // 300 additions of two numbers: lists full of commands that one thread does alone, for which no sleeping worker is woken.
  threads(`${place}: a program ends though its threads have work left that nobody waits for`, async () => {
    const body = `
      let x = randn(2);
      await x.data();
      await new Promise((resolve) => setTimeout(resolve, 20));
      for (let i = 0; i < 300; i++) x = x.add(1);
      console.log("queued");`;
    const { code, stdout, stderr } = await run(command, [...args, program(body)]);
    assert.equal([code, stdout], [0, "queued\n"], stderr);
  });
}

threads("a program whose workers do not start ends at once", async () => {
  const body = `
    const { init } = await import(${JSON.stringify(resolve("build/index.js"))});
    const worker = () => { throw new TypeError("blocked"); };
    await init({ device: "cpu", threads: 2, worker }).catch(({ name }) => console.log(name));`;
  const start = performance.now();
  const { code, stdout, stderr } = await run(process.execPath, ["--input-type=module", "-e", body]);
  assert.equal([code, stdout], [0, "DeviceError\n"], stderr);
  // 10 s: it takes well below one, and waiting for the workers would take 20.
  assert.ok(performance.now() - start < 10_000);
});

threads.run();
