import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DataError, FormatError, ShapeError } from "../../src/core/errors.ts";
import { rand } from "../../src/createRandom.ts";
import { parse, serialize } from "../../src/io/safetensors.ts";
import { readState } from "../../src/nn/state.ts";
import type { FitOptions } from "../../src/train/index.ts";
import { useDevice } from "../support/device.ts";
import { memoryStore, midway, type Setup, setUp } from "../support/resumable.ts";

const refusing = suite("a checkpoint that does not fit");
refusing.before(useDevice);

/** Resumes, which must fail, and change nothing. */
async function refused(
  bytes: Uint8Array,
  type: new (...args: never[]) => Error,
  message: RegExp,
  options: FitOptions = {},
  setup: Setup = {},
) {
  const { run, model, optimizer } = setUp(setup);
  const before = [await readState(model), await optimizer.stateDict()];
  const error = await run({ resume: bytes, ...options }).catch((reason: unknown) => reason);
  assert.instance(error, type);
  assert.match((error as Error).message, message);
  assert.equal([await readState(model), await optimizer.stateDict()], before);
  // Nor have the draws moved: what comes next is what comes without the call.
  const next = await rand(3).data();
  setUp(setup);
  assert.equal(await rand(3).data(), next);
}

refusing("a checkpoint of another run is refused with every difference, and nothing is changed", async () => {
  const bytes = await midway();
  await refused(bytes, DataError, /patience is 3, was 10; use those of that run/, { patience: 3 });
  await refused(
    bytes,
    DataError,
    /trainLoader\.length is 5, was 6; trainLoader\.dropLast is true, was false/,
    {},
    { dropLast: true },
  );
  await refused(bytes, DataError, /trainLoader\.generator is true, was false/, {}, { own: true });
  await refused(bytes, DataError, /the optimizer's .*momentum is 0\.9, was undefined/, {}, { optimizer: "sgd" });
  const later = memoryStore();
  await setUp().run({ checkpoint: later }, 3);
  const error = await setUp()
    .run({ resume: later.bytes ?? new Uint8Array() }, 2)
    .catch((reason: unknown) => reason);
  assert.instance(error, DataError);
  assert.match((error as Error).message, /epochs must be at least 3, got 2/);
});

refusing("bytes that are no checkpoint, or a damaged one, are refused, and nothing is changed", async () => {
  const bytes = await midway();
  await refused(bytes.slice(0, 100), FormatError, /safetensors/);
  const { tensors, metadata } = parse(bytes);
  await refused(serialize(tensors), FormatError, /without a training state/);
  const text = metadata.get("torchlet.checkpoint") ?? "";
  const changed = (from: string | RegExp, to: string) =>
    serialize(tensors, { "torchlet.checkpoint": text.replace(from, to) });
  await refused(changed('"version":1', '"version":9'), FormatError, /version 9/);
  await refused(changed("{", ""), FormatError, /no JSON/);
  await refused(changed(/"step":\d+/, '"step":-1'), FormatError, /step must be an integer from 0 on, got -1/);
  await refused(changed('"waited":0', '"waited":"x"'), FormatError, /waited must be an integer/);
  await refused(changed(/"lr":[\d.]+/, '"__proto__":{"lr":1}'), ShapeError, /another optimizer|options/);
  const without = (name: string) =>
    serialize(
      [...tensors].filter(([key]) => key !== name),
      metadata,
    );
  await refused(without("model.0.bias"), ShapeError, /missing 0\.bias/);
  await refused(without("random.epochStart"), FormatError, /random\.epochStart/);
  await refused(without("random.draws"), FormatError, /random\.draws/);
});

refusing.run();
