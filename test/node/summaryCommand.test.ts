import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { serialize } from "../../src/io/safetensors.ts";
import { hasControls, jsonOf, onTerminal, torchlet, widthOf } from "../support/torchlet.ts";
import { runProcess } from "../support/process.ts";

const command = suite<{ folder: string }>("torchlet summary");

command.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "torchlet-summary-"));
});
command.after(({ folder }) => rmSync(folder, { recursive: true }));

const TRAINED = "test/golden/trained_model.safetensors";

command("prints torchinfo's table of the reference model, to the letter", async () => {
  const { code, stdout, stderr } = await torchlet("summary");
  assert.equal([code, stderr], [0, ""]);
  assert.is(stdout.trimEnd(), readFileSync("test/golden/summary.txt", "utf8").trimEnd());
});

command("another batch changes the shapes, not the parameters; dropout changes nothing", async () => {
  const { stdout } = await torchlet("summary", "--input-size", "7,784", "--dropout", "0.1");
  assert.match(stdout, /^│ {4}└─Linear: 2-1 +\[7, 256\] +200,960$/m);
  assert.match(stdout, /Total mult-adds \(M\): 2\.22$/m); // 7 images of 317,450 parameters, biases included
  assert.is(stdout, (await torchlet("summary", "--batch-size", "7", "--input-size", "7,1,28,28")).stdout);
});

command("a batch that the model does not take is refused with both shapes", async () => {
  const { code, stdout, stderr } = await torchlet("summary", "--input-size", "200,100");
  assert.equal([code, stdout], [1, ""]);
  assert.match(stderr, /^torchlet: .*\[200, 100\].*\[256, 784\]/);
});

command("--json gives the layers and totals of PyTorch's summary", async () => {
  const golden = JSON.parse(readFileSync("test/golden/summary.json", "utf8"));
  const found = jsonOf<Record<string, unknown>>(await torchlet("summary", "--json"));
  assert.equal(found["inputSize"], golden.input_shape);
  for (const [key, value] of [
    ["totalParams", golden.total_params],
    ["trainableParams", golden.trainable_params],
    ["multAdds", golden.mult_adds],
    ["inputBytes", golden.input_bytes],
    ["forwardBackwardBytes", golden.forward_backward_bytes],
    ["paramsBytes", golden.params_bytes],
  ] as const)
    assert.is(found[key], value, key);
  const layers = found["layers"] as { type: string; outputShape: number[]; params: number }[];
  assert.equal(
    layers.filter(({ type }) => type === "Linear").map(({ outputShape, params }) => [outputShape, params]),
    golden.rows.map((row: { output_shape: number[]; params: number }) => [row.output_shape, row.params]),
  );
});

command("a file's tensors are listed as PyTorch wrote them, with its metadata", async () => {
  const { code, stdout } = await torchlet("summary", "--model", TRAINED);
  assert.is(code, 0);
  assert.match(stdout, /^b1\.0\.weight +F32 +\[256, 784\] +200,704 +802,816$/m);
  assert.match(stdout, /^output\.0\.bias +F32 +\[10\] +10 +40$/m);
  assert.match(stdout, /^Total params: 317,450$/m);
  assert.match(stdout, /^ {2}test_correct: 9709$/m);
  const found = jsonOf<{ totalParams: number; bytes: number; tensors: { name: string }[]; metadata: object }>(
    await torchlet("summary", "--model", TRAINED, "--json"),
  );
  assert.equal([found.totalParams, found.bytes, found.tensors.length], [317_450, 1_270_640, 10]);
  assert.equal(found.metadata, { seed: "0", test_correct: "9709" });
});

command(
  "names from a file cannot steer the terminal; long ones are cut on one, and whole in a pipe",
  async ({ folder }) => {
    const file = join(folder, "odd.safetensors");
    const long = `model.${"layers.".repeat(20)}weight`;
    const odd = [
      ["\u001b[2Jx", { dtype: "U8", shape: [], data: Uint8Array.of(1) }],
      [long, { dtype: "F64", shape: [0, 3], data: new Float64Array(0) }],
    ] as const;
    writeFileSync(file, serialize(odd, { "\u0007": "bell\u001b" }));
    const piped = await torchlet("summary", "--model", file);
    assert.is(piped.code, 0, piped.stderr);
    assert.not.ok(hasControls(piped.stdout));
    assert.ok(piped.stdout.includes(long) && piped.stdout.includes("\\u001b[2Jx"));
    for (const columns of [40, 50, 80]) {
      const { stdout } = await onTerminal(columns, ["NO_COLOR=1"], "summary", "--model", file);
      assert.ok(widthOf(stdout.replace(file, "")) <= columns, stdout);
      assert.match(stdout, /^model\..*….*weight/m);
    }
  },
);

command("broken files are refused with rule and place, and as an object with --json", async ({ folder }) => {
  const file = join(folder, "cut.safetensors");
  const whole = readFileSync(TRAINED);
  for (const [bytes, code, offset] of [
    [whole.subarray(0, whole.length - 1), "MetadataIncompleteBuffer", whole.length - 1],
    [whole.subarray(0, 100), "InvalidHeaderLength", 0],
    [whole.subarray(0, 5), "HeaderTooSmall", 0],
    [Buffer.alloc(0), "HeaderTooSmall", 0],
    [Buffer.from("not a safetensors file at all"), "HeaderTooLarge", 0],
    [Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), Buffer.from("[]")]), "InvalidHeaderStart", 8],
  ] as const) {
    writeFileSync(file, bytes);
    const { code: exit, stdout, stderr } = await torchlet("summary", "--model", file);
    assert.equal([exit, stdout], [1, ""]);
    assert.ok(stderr.startsWith(`torchlet: ${file}: safetensors: `), stderr);
    assert.ok(stderr.endsWith(`(${code} at byte ${offset})\n`), stderr);
    const failed = await torchlet("summary", "--json", "--model", file);
    const { status, error } = jsonOf<{ status: string; error: Record<string, unknown> }>(failed);
    assert.equal([failed.code, status, error["name"]], [1, "failed", "FormatError"]);
    assert.equal([error["code"], error["offset"]], [code, offset]);
  }
});

command("a file of gigabytes is listed by its header alone", async ({ folder }) => {
  const file = join(folder, "large.safetensors");
  const bytes = 4 * 2 ** 30; // more than Node reads at once
  const header = JSON.stringify({ large: { dtype: "F32", shape: [2 ** 30], data_offsets: [0, bytes] } });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(file, Buffer.concat([length, Buffer.from(header)]));
  truncateSync(file, 8 + header.length + bytes); // a hole: it takes no room
  const { code, stdout, stderr } = await torchlet("summary", "--model", file);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^large +F32 +\[1073741824\] +1,073,741,824 +4,294,967,296$/m);
  truncateSync(file, 8 + header.length + bytes - 1);
  assert.match((await torchlet("summary", "--model", file)).stderr, /MetadataIncompleteBuffer at byte/);
  rmSync(file);
});

command("a missing file and a folder are named, a run's folder with its weights", async ({ folder }) => {
  const refused = async (path: string) => (await torchlet("summary", "--model", path)).stderr;
  assert.is(await refused(join(folder, "none")), `torchlet: there is no file ${join(folder, "none")}\n`);
  assert.is(await refused(folder), `torchlet: ${folder} is a folder; name a safetensors file\n`);
  writeFileSync(join(folder, "last.safetensors"), "");
  assert.match(await refused(folder), `name a safetensors file, as ${join(folder, "last.safetensors")}`);
});

command("a reader that has read enough ends it quietly", async () => {
  const { stdout, stderr } = await runProcess("sh", ["-c", `"$0" build/cli.js summary | head -1`, process.execPath]);
  assert.equal([stdout, stderr], [`${"=".repeat(90)}\n`, ""]);
});

command("a terminal shows the reference table within its columns", async () => {
  for (const columns of [50, 80]) {
    const { stdout } = await onTerminal(columns, [], "summary");
    assert.ok(widthOf(stdout) <= columns);
    assert.match(stdout, /Linear: 2-1 +\[200, 256\] +200,960/);
  }
});

command.run();
