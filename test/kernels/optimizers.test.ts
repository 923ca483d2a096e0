import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readJson } from "../support/files.ts";
import { kernels, memory, put, reset, take } from "../support/kernels.ts";
import { close, floatsOf, noise, room } from "../support/layouts.ts";
import { float32Of, readTensors } from "../support/tensors.ts";

const optimizer = suite("optimizer kernels");

type Floats = Float32Array<ArrayBuffer>;

interface Settings {
  lr: number;
  betas?: [number, number];
  eps?: number;
  weight_decay?: number;
  amsgrad?: boolean;
  maximize?: boolean;
  momentum?: number;
  dampening?: number;
  nesterov?: boolean;
}

interface Golden {
  cases: { name: string; class: string; args: Settings; steps: number }[];
}

interface State {
  p: number;
  first: number;
  second: number;
  largest: number;
}

const SIZES = [0, 1, 3, 4, 5, 6, 17, 65, 1000];

function stateOf(p: Floats): State {
  const zeros = () => put(new Float32Array(p.length));
  return { p: put(p), first: zeros(), second: zeros(), largest: zeros() };
}

/** One Adam step s = 1, 2, … with the host's scalars reckoned in float64. */
function adamStep(state: State, g: number, n: number, s: number, settings: Settings): void {
  const [beta1, beta2] = settings.betas ?? [0.9, 0.999];
  const scalars = [
    ...[beta1, beta2, 1 - beta1, 1 - beta2],
    ...[settings.lr / (1 - beta1 ** s), Math.sqrt(1 - beta2 ** s), settings.eps ?? 1e-8],
    ...[settings.weight_decay ?? 0, settings.maximize ? 1 : 0],
  ];
  if (settings.amsgrad) kernels["adamAmsgrad"]!(g, state.p, state.first, state.second, state.largest, n, ...scalars);
  else kernels["adam"]!(g, state.p, state.first, state.second, n, ...scalars);
}

function sgdStep(state: State, g: number, n: number, s: number, settings: Settings): void {
  const scalars = [
    ...[settings.lr, settings.momentum ?? 0, settings.dampening ?? 0, settings.weight_decay ?? 0],
    ...[settings.nesterov ? 1 : 0, s === 1 ? 1 : 0, settings.maximize ? 1 : 0],
  ];
  kernels["sgd"]!(g, state.p, state.first, n, ...scalars);
}

const STEPS: Record<string, typeof adamStep> = { Adam: adamStep, SGD: sgdStep };

const golden = await readJson<Golden>("test/golden/optim.json");
const tensors = await readTensors("test/golden/optim.safetensors");

for (const { name, class: type, args, steps } of golden.cases) {
  const step = STEPS[type];
  if (!step) continue; // AdamW and RMSprop are no kernels of their own
  for (const part of ["W", "b"]) {
    optimizer(`${name} follows PyTorch's trace of ${part}`, () => {
      reset();
      const trace = float32Of(tensors, `${name}/${part}.f32`);
      const gradients = float32Of(tensors, `${name}/g${part}.f32`);
      const n = trace.length / (steps + 1);
      const state = stateOf(trace.slice(0, n));
      for (let s = 1; s <= steps; s++) {
        step(state, put(gradients.slice((s - 1) * n, s * n)), n, s, args);
        const got = take(Float32Array, state.p, n);
        // 1e-6: PyTorch fuses multiply and add, these kernels round twice; 20 steps of half a step of f32 each at most.
        close(got, trace.subarray(s * n, (s + 1) * n), 1e-6, `${name}, step ${s}`);
      }
    });
  }
}

/** Adam after two steps in float64, element by element; gradients g1, then g2. */
function adamTwice(p: number, g1: number, g2: number, settings: Settings): number {
  const [beta1, beta2] = settings.betas ?? [0.9, 0.999];
  let [value, m, v, largest] = [p, 0, 0, 0];
  for (const [s, g] of [
    [1, g1],
    [2, g2],
  ] as const) {
    const d = (settings.maximize ? -g : g) + (settings.weight_decay ?? 0) * value;
    m = beta1 * m + (1 - beta1) * d;
    v = beta2 * v + (1 - beta2) * d * d;
    largest = Math.max(largest, v);
    const square = settings.amsgrad ? largest : v;
    const divisor = Math.sqrt(square) / Math.sqrt(1 - beta2 ** s) + (settings.eps ?? 1e-8);
    value -= ((settings.lr / (1 - beta1 ** s)) * m) / divisor;
  }
  return value;
}

function sgdTwice(p: number, g1: number, g2: number, settings: Settings): number {
  const momentum = settings.momentum ?? 0;
  let [value, buf] = [p, 0];
  for (const [s, g] of [
    [1, g1],
    [2, g2],
  ] as const) {
    const d = (settings.maximize ? -g : g) + (settings.weight_decay ?? 0) * value;
    buf = s === 1 ? d : momentum * buf + (1 - (settings.dampening ?? 0)) * d;
    value -= settings.lr * (momentum === 0 ? d : settings.nesterov ? d + momentum * buf : buf);
  }
  return value;
}

const VARIANTS: [string, typeof adamStep, typeof adamTwice, Settings][] = [
  ["adam", adamStep, adamTwice, { lr: 0.01 }],
  ["adam with weight decay, maximizing", adamStep, adamTwice, { lr: 0.01, weight_decay: 0.1, maximize: true }],
  ["adam with AMSGrad", adamStep, adamTwice, { lr: 0.1, betas: [0.5, 0.6], amsgrad: true, weight_decay: 0.01 }],
  ["sgd", sgdStep, sgdTwice, { lr: 0.05 }],
  ["sgd with momentum, maximizing", sgdStep, sgdTwice, { lr: 0.05, momentum: 0.9, maximize: true }],
  ["sgd with everything", sgdStep, sgdTwice, { lr: 0.1, momentum: 0.8, dampening: 0.3, weight_decay: 0.01 }],
  ["sgd with Nesterov momentum", sgdStep, sgdTwice, { lr: 0.1, momentum: 0.8, nesterov: true }],
];

for (const [name, step, reference, settings] of VARIANTS) {
  optimizer(`${name} agrees with float64 after two steps at every size`, () => {
    for (const n of SIZES) {
      reset();
      const [p, g1, g2] = [noise(n, 1), noise(n, 2, 0.1), noise(n, 3, 0.1)];
      const state = stateOf(p);
      const guarded = room(n); // the parameters with a guard behind them
      new Float32Array(memory.buffer, guarded, n).set(p);
      const inRoom = { ...state, p: guarded };
      step(inRoom, put(g1), n, 1, settings);
      step(inRoom, put(g2), n, 2, settings);
      const expected = Array.from(p, (value, i) => reference(value, g1[i]!, g2[i]!, settings));
      close(floatsOf(guarded, n), expected, 1e-6, `${name} ${n}`); // 1e-6: a dozen roundings of values below 4
    }
  });

  optimizer(`${name} gives equal elements equal bits wherever they lie`, () => {
    reset();
    const state = stateOf(new Float32Array(7).fill(0.3));
    for (let s = 1; s <= 5; s++) step(state, put(new Float32Array(7).fill(0.1 * s - 0.23)), 7, s, settings);
    const arrays = step === sgdStep ? [state.p, state.first] : [state.p, state.first, state.second, state.largest];
    for (const address of arrays) {
      const got = take(Float32Array, address, 7);
      for (const value of got) assert.is(value, got[0]);
    }
  });
}

optimizer("sgd without momentum neither reads nor writes its buffer", () => {
  reset();
  const state = stateOf(noise(9, 1));
  new Float32Array(memory.buffer, state.first, 9).fill(NaN);
  for (const s of [1, 2]) sgdStep(state, put(noise(9, s)), 9, s, { lr: 0.1, dampening: 0.5 });
  assert.ok(take(Float32Array, state.p, 9).every(Number.isFinite));
  assert.ok(take(Float32Array, state.first, 9).every(Number.isNaN));
});

optimizer("sgd's first step with momentum does not read what its buffer held", () => {
  reset();
  const state = stateOf(new Float32Array(9));
  new Float32Array(memory.buffer, state.first, 9).fill(NaN);
  const g = noise(9, 4);
  sgdStep(state, put(g), 9, 1, { lr: 0.1, momentum: 0.9, dampening: 0.5 });
  assert.equal(take(Float32Array, state.first, 9), g);
});

optimizer("adam leaves parameters whose gradient was always 0 exactly as they are", () => {
  for (const settings of [{ lr: 0.1 }, { lr: 0.1, amsgrad: true }]) {
    reset();
    const p = Float32Array.of(1, -2, Infinity, -Infinity, 1e-40, 3);
    const state = stateOf(p);
    for (const s of [1, 2, 3]) adamStep(state, put(new Float32Array(6)), 6, s, settings);
    assert.equal(take(Float32Array, state.p, 6), p);
  }
});

optimizer("adam's first step is lr long whatever the size of the gradient", () => {
  reset();
  const g = Float32Array.of(1e-3, -1e3, 1e15, -1e-3, 20);
  const state = stateOf(new Float32Array(5));
  adamStep(state, put(g), 5, 1, { lr: 0.25 });
  // 3e-5: eps / |g| is 1e-5 at most, the rest is rounding.
  close(take(Float32Array, state.p, 5), [-0.25, 0.25, -0.25, 0.25, -0.25], 3e-5, "adam");
});

optimizer("a NaN gradient spoils its own parameter only", () => {
  for (const [name, step] of [
    ["adam", adamStep],
    ["sgd", sgdStep],
  ] as const) {
    reset();
    const state = stateOf(new Float32Array(6).fill(1));
    step(state, put(Float32Array.of(1, NaN, 1, 1, 1, NaN)), 6, 1, { lr: 0.1, momentum: 0.9 });
    const spoilt = Array.from(take(Float32Array, state.p, 6), Number.isNaN);
    assert.equal(spoilt, [false, true, false, false, false, true], name);
  }
});

optimizer.run();
