import { suite } from "uvu";
import * as assert from "uvu/assert";
import packed from "../../build/kernels.wasm";
import { compileKernels } from "../../src/backend/cpu/module.ts";
import { DeviceError } from "../../src/core/errors.ts";
import { unpackKernels } from "../../src/init/packedKernels.ts";

const kernels = suite("compiling the kernels");

const wasm = unpackKernels(packed);

/** What rejects, as it is. */
const reasonOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );

kernels("takes bytes, a buffer of them, and a module, which it gives back", async () => {
  const module = await compileKernels(wasm);
  assert.ok(module instanceof WebAssembly.Module);
  assert.ok((await compileKernels(wasm.slice().buffer)) instanceof WebAssembly.Module);
  assert.is(await compileKernels(module), module);
});

kernels("bytes that the engine refuses end in a DeviceError with its reason and what a policy must allow", async () => {
  for (const bytes of [new Uint8Array(0), Uint8Array.of(0, 97, 115, 109, 9, 0, 0, 0), wasm.slice(0, 1000)]) {
    const error = await reasonOf(compileKernels(bytes));
    assert.ok(error instanceof DeviceError, String(error));
    assert.match(error.message, /^cpu: the engine refuses to compile the kernels: .+; .*'wasm-unsafe-eval'/s);
    assert.ok(error.cause instanceof Error);
    assert.ok(error.message.includes(error.cause.message));
  }
});

kernels.run();
