import { suite } from "uvu";
import * as assert from "uvu/assert";
import { canShareMemory, makeWorker, type ThreadWorker } from "../../src/backend/cpu/threads/crew.ts";
import { unpackKernels } from "../../src/init/packedKernels.ts";
import { init as initLean } from "../../src/lean.ts";
import packed from "../../build/kernels.wasm";
import { DataLoader, TensorDataset } from "../../src/data/index.ts";
import {
  type Device,
  DeviceError,
  DeviceLostError,
  init,
  manualSeed,
  nn,
  noGrad,
  optim,
  randint,
  randn,
  tensor,
} from "../../src/index.ts";
import { evaluate } from "../../src/train/index.ts";

const threads = suite("threads");

const net = () =>
  new nn.Sequential(
    new nn.Linear(60, 96),
    new nn.ReLU(),
    new nn.Dropout(0.5),
    new nn.Linear(96, 50),
    new nn.Tanh(),
    new nn.Linear(50, 7),
    new nn.Dropout(0.2),
  );

/** The bits of the weights and of the evaluation after some steps from seed 1, masks by Philox or PyTorch's. */
async function trained(device: Device, dropout: "philox" | "torch" = "philox"): Promise<number[]> {
  manualSeed(1, { dropout });
  const model = net().to(device);
  const [x, y] = [randn([330, 60], { device }), randint(0, 7, [330], { device })];
  const loader = new DataLoader(new TensorDataset(x, y), { batchSize: 111, shuffle: true });
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
  const lossFn = new nn.CrossEntropyLoss();
  const seen: number[] = [];
  for (let epoch = 0; epoch < 4; epoch++)
    for await (const [input, target] of loader) {
      const loss = lossFn(model(input), target);
      optimizer.zeroGrad();
      loss.backward();
      await optimizer.step();
      if (epoch % 2 === 0) seen.push(Number(await loss.item()));
    }
  const { loss, accuracy } = await evaluate(loader, model, lossFn);
  for (const parameter of model.parameters()) seen.push(...((await parameter.data()) as Float32Array));
  return [...seen, loss, accuracy];
}

let alone: number[];

threads.before(async () => {
  alone = await trained(await init({ device: "cpu" }));
});

for (const count of [2, 3, 8])
  threads(`${count} threads train and evaluate to the bits of one`, async () => {
    const device = await init({ device: "cpu", threads: count });
    try {
      assert.is(device.threads, count);
      assert.equal(await trained(device), alone);
    } finally {
      device.dispose();
    }
  });

threads("PyTorch's masks, which are drawn on this thread, come to the same bits", async () => {
  const one = await trained(await init({ device: "cpu" }), "torch");
  const device = await init({ device: "cpu", threads: 2 });
  assert.equal(await trained(device, "torch"), one);
  device.dispose();
});

threads("reads see what was queued before them, and nothing of what came after", async () => {
  const device = await init({ device: "cpu", threads: 2 });
  const x = tensor(new Float32Array(50_000).fill(1), { shape: [50_000] });
  const reads: Promise<number>[] = [];
  await noGrad(() => {
    let y = x;
    for (let i = 0; i < 40; i++) {
      y = y.add(1).keep();
      reads.push(y.sum().item() as Promise<number>);
    }
  });
  assert.equal(
    await Promise.all(reads),
    Array.from({ length: 40 }, (_, i) => (i + 2) * 50_000),
  );
  device.dispose();
});

threads("a read tells what its turn left, though what is queued after it changes it", async () => {
  const device = await init({ device: "cpu", threads: 2 });
  const layer = new nn.Linear(70, 30).to(device);
  const optimizer = new optim.SGD(layer.parameters(), { lr: 0.5 });
  for (let i = 0; i < 20; i++) {
    optimizer.zeroGrad();
    layer(randn([64, 70], { device }))
      .sum()
      .backward();
    const reads = [layer.weight.data(), layer.weight.grad?.data()];
    const stepped = optimizer.step();
    const [before, gradient, after] = await Promise.all([...reads, layer.weight.data()]);
    await stepped;
    after?.forEach((value, j) => {
      assert.is(value, Math.fround((before?.[j] as number) - 0.5 * (gradient?.[j] as number)));
    });
  }
  device.dispose();
});

threads("a device that was disposed of refuses work and reads; init makes another", async () => {
  const device = await init({ device: "cpu", threads: 2 });
  const x = randn(500, 500); // work enough that it is not done before `dispose`
  let y = x.matmul(x);
  for (let i = 0; i < 20; i++) y = y.matmul(x);
  const reads = [y.data(), y.sum().item()];
  device.dispose();
  device.dispose();
  for (const read of reads) await rejects(Promise.resolve(read), DeviceLostError, /disposed of/);
  assert.throws(
    () => y.add(1),
    (error: Error) => error instanceof DeviceLostError,
  );
  const next = await init({ device: "cpu", threads: 2 });
  assert.is.not(next, device);
  assert.is(await tensor([1, 2]).sum().item(), 3);
  next.dispose();
});

threads("a worker that ends in the middle is noticed by whoever waits, where the runtime tells", async () => {
  const made: ThreadWorker[] = [];
  const worker = () => {
    made.push(makeWorker());
    return made.at(-1) as ThreadWorker;
  };
  const device = await init({ device: "cpu", threads: 2, worker });
  const x = randn(300, 300);
  let y = x.matmul(x);
  for (let i = 0; i < 100; i++) y = y.matmul(x);
  const reads = [y.data(), y.sum().item()];
  const [victim] = made;
  void victim?.terminate();
  // Browsers say nothing of a worker that was terminated; only `dispose` then frees whoever waits.
  if (victim?.on === undefined) device.dispose();
  for (const read of reads) await rejects(Promise.resolve(read), DeviceLostError, /computing thread is gone/);
  assert.ok(device.isLost);
  const next = await init({ device: "cpu", threads: 2 });
  assert.is(await tensor([1, 2]).sum().item(), 3);
  next.dispose();
});

threads("a thread that is held up holds nobody else up", async () => {
  const sent: unknown[] = [];
  // Workers that are started, say that they are ready, and never compute: this thread, or else nobody, does it all.
  const worker = (): ThreadWorker => {
    let hear: (message: unknown) => void = () => undefined;
    const idle: ThreadWorker = {
      postMessage: (message) => {
        sent.push(message);
        queueMicrotask(() => hear({ type: "ready" }));
      },
      terminate: () => undefined,
      on: (event, listener) => {
        if (event === "message") hear = listener;
      },
    };
    return idle;
  };
  if ("document" in globalThis) return; // a page's own thread leaves all to workers
  const device = await init({ device: "cpu", threads: 3, worker });
  assert.is(sent.length, 2, "this thread is the third");
  assert.equal(await trained(device), alone);
  device.dispose();
});

threads("what cannot be had is refused with the way out, and the device of before goes on", async () => {
  const before = await init({ device: "cpu" });
  for (const wrong of [0, -1, 1.5, 65, Number.NaN, "2" as unknown as number])
    await rejects(init({ device: "cpu", threads: wrong }), DeviceError, /threads must be a whole number/);
  const blocked = () => {
    throw new TypeError("blocked by policy");
  };
  await rejects(init({ device: "cpu", threads: 2, worker: blocked }), DeviceError, /blocked by policy.*thread\.js/s);
  assert.is(String(tensor([1]).device), String(before));
  assert.is(await tensor([1, 2]).sum().item(), 3);
  const shared = Object.getOwnPropertyDescriptor(globalThis, "SharedArrayBuffer") as PropertyDescriptor;
  Object.defineProperty(globalThis, "SharedArrayBuffer", { value: undefined, configurable: true, writable: true });
  try {
    assert.not(canShareMemory());
    await rejects(init({ device: "cpu", threads: 2 }), DeviceError, /Cross-Origin-Opener-Policy/);
  } finally {
    Object.defineProperty(globalThis, "SharedArrayBuffer", shared);
  }
});

threads("kernels by URL serve threads too; a compiled module, whose bytes nobody has, is refused", async () => {
  const bytes = unpackKernels(packed);
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const url = `data:application/wasm;base64,${btoa(text)}`;
  const device = await initLean({ device: "cpu", threads: 4, kernels: url });
  assert.equal(await trained(device), alone);
  device.dispose();
  const kernels = await WebAssembly.compile(bytes);
  await rejects(initLean({ device: "cpu", threads: 4, kernels }), DeviceError, /as a URL or as bytes/);
});

async function rejects(work: Promise<unknown>, Kind: new (message: string) => Error, message: RegExp): Promise<void> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Kind && message.test(error.message), String(error));
}

threads.run();
