import { FormatError } from "../core/errors.ts";
import { Generator, type GeneratorState } from "../core/random.ts";
import { parse, type SafeTensor, type SafeTensorInput, serialize } from "../io/safetensors.ts";
import type { HostValue } from "../nn/state.ts";
import type { HostArray, OptimizerState } from "../optim/state.ts";
import { JsonValue, toJson } from "./jsonValue.ts";
import type { RandomRun } from "./snapshot.ts";

const FORMAT = "torchlet-checkpoint";
const VERSION = 1;
/** The metadata's entry that holds all but the tensors. */
const STATE_KEY = "torchlet.checkpoint";
/** Words of an mt19937, and how many of them are used up. */
const GENERATOR_WORDS = 625;

/** Weights by name. */
export type Weights = ReadonlyMap<string, HostValue>;

/** What a checkpoint holds in tensors, with what belongs to them. */
export interface StateParts {
  readonly weights: Weights;
  readonly best: Weights | undefined;
  readonly optimizer: OptimizerState<object> | undefined;
  readonly random: RandomRun;
  /** Generators besides the one of the draws, by name. */
  readonly generators: ReadonlyMap<string, GeneratorState>;
}

type Tensors = Map<string, SafeTensorInput>;

/**
 * The bytes of a checkpoint, a safetensors file: weights as `model.NAME`, the best ones as `best.NAME`, the optimizer's arrays as
 * `optimizer.INDEX.NAME`, generators as `random.NAME` (u32[625]: mt19937's words and how many are used up), and all else as one JSON
 * text. The same state gives the same bytes.
 *
 * @param more what else belongs to the state: becomes part of the JSON
 * @param metadata the user's own text
 * @throws RangeError where the user's text takes the name of the state's
 */
export function encodeState(
  { weights, best, optimizer, random, generators }: StateParts,
  more: object,
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  if (Object.hasOwn(metadata, STATE_KEY))
    throw new RangeError(`checkpoint: metadata may not hold "${STATE_KEY}", which is the state's own`);
  const tensors: Tensors = new Map();
  for (const [name, value] of weights) tensors.set(`model.${name}`, value);
  for (const [name, value] of best ?? []) tensors.set(`best.${name}`, value);
  const { generator, offset, masks, key } = random;
  const all = Array.from(new Map([["draws", generator], ...generators]), ([name, state]) =>
    encodeGenerator(tensors, name, state),
  );
  const json = toJson({
    ...{ format: FORMAT, version: VERSION },
    random: { offset, masks, key: String(key), generators: Object.fromEntries(all) },
    ...(optimizer && { optimizer: encodeOptimizer(tensors, optimizer) }),
    ...more,
  });
  return serialize(tensors, { ...metadata, [STATE_KEY]: json });
}

function encodeGenerator(tensors: Tensors, name: string, { seed, nextNormal, words, position }: GeneratorState) {
  const data = new Uint32Array(GENERATOR_WORDS);
  data.set(words);
  data[words.length] = position;
  tensors.set(`random.${name}`, { dtype: "U32", shape: [GENERATOR_WORDS], data });
  return [name, { seed: String(seed), nextNormal }] as const;
}

function encodeOptimizer(tensors: Tensors, { state, paramGroups }: OptimizerState<object>): object {
  const steps = Object.entries(state).map(([index, { step, ...arrays }]) => {
    for (const [name, value] of Object.entries(arrays))
      if (typeof value !== "number")
        tensors.set(`optimizer.${index}.${name}`, { dtype: "F32", shape: value.shape, data: value.data });
    return [Number(index), step];
  });
  return { steps, paramGroups };
}

/** A decoded checkpoint; `json` holds what was given as `more`, `metadata` the user's text. */
export interface DecodedState extends StateParts {
  readonly json: JsonValue;
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Reads a checkpoint, and checks all that can be checked without the model and the optimizer that it is of.
 *
 * @param name what messages call it
 * @throws FormatError for bytes that are no safetensors file, hold no state, or one of a later version, or are damaged
 */
export function decodeState(bytes: Uint8Array, name: string): DecodedState {
  const { tensors, metadata } = parse(bytes);
  const text = metadata.get(STATE_KEY);
  if (text === undefined)
    throw new FormatError(
      "checkpoint-foreign",
      0,
      `checkpoint: ${name} is a safetensors file without a training state; weights alone are loaded by model.loadStateDict(parse(bytes).tensors)`,
    );
  const json = JsonValue.parse(text, STATE_KEY);
  json.get("format").word(FORMAT);
  const version = json.get("version").count();
  if (version !== VERSION)
    throw new FormatError(
      "checkpoint-version",
      0,
      `checkpoint: ${name} has version ${version}, and this torchlet reads ${VERSION}; use the torchlet that wrote it`,
    );
  const random = json.get("random");
  const generators = decodeGenerators(tensors, random.get("generators"));
  const draws = generators.get("draws");
  if (draws === undefined) throw damaged("there is no generator of the draws");
  const best = weightsOf(tensors, "best.");
  return {
    weights: weightsOf(tensors, "model."),
    best: best.size > 0 ? best : undefined,
    optimizer: json.get("optimizer").isMissing ? undefined : decodeOptimizer(tensors, json.get("optimizer")),
    random: {
      ...{ generator: draws, offset: random.get("offset").count(), key: random.get("key").word64() },
      masks: random.get("masks").word("philox", "torch"),
    },
    generators,
    json,
    metadata: new Map([...metadata].filter(([key]) => key !== STATE_KEY)),
  };
}

const damaged = (what: string): FormatError =>
  new FormatError("checkpoint-state", 0, `checkpoint: ${what}; the file is damaged`);

function weightsOf(tensors: ReadonlyMap<string, SafeTensor>, prefix: string): Map<string, HostValue> {
  const found = new Map<string, HostValue>();
  for (const [name, value] of tensors) {
    if (!name.startsWith(prefix)) continue;
    found.set(name.slice(prefix.length), { dtype: "float32", ...floats(name, value) });
  }
  return found;
}

/** A float32 tensor; a copy, so that the bytes of the file can go. */
function floats(name: string, { dtype, shape, data }: SafeTensor): HostArray {
  if (dtype !== "F32") throw damaged(`${name} is ${dtype}, expected F32`);
  return { shape, data: data.slice() };
}

function decodeGenerators(tensors: ReadonlyMap<string, SafeTensor>, json: JsonValue): Map<string, GeneratorState> {
  const found = json.entries().map(([name, value]) => {
    const tensor = tensors.get(`random.${name}`);
    if (tensor?.dtype !== "U32" || tensor.data.length !== GENERATOR_WORDS)
      throw damaged(`random.${name} must be ${GENERATOR_WORDS} words`);
    const nextNormal = value.get("nextNormal");
    const state: GeneratorState = {
      words: tensor.data.slice(0, -1),
      position: tensor.data.at(-1) ?? 0,
      seed: value.get("seed").word64(),
      nextNormal: nextNormal.isMissing ? null : nextNormal.number(),
    };
    try {
      new Generator().setState(state);
    } catch (error) {
      throw damaged(`random.${name}: ${error instanceof Error ? error.message : error}`);
    }
    return [name, state] as const;
  });
  return new Map(found);
}

function decodeOptimizer(tensors: ReadonlyMap<string, SafeTensor>, json: JsonValue): OptimizerState<object> {
  const state: Record<number, { step: number } & Record<string, HostArray | number>> = {};
  for (const entry of json.get("steps").list()) {
    const [index, step] = entry.list();
    if (index === undefined || step === undefined) throw damaged("the optimizer's steps are no pairs");
    state[index.count()] = { step: step.count() };
  }
  for (const [name, value] of tensors) {
    const [, index = "", array = ""] = /^optimizer\.(\d+)\.(.+)$/s.exec(name) ?? [];
    if (!name.startsWith("optimizer.")) continue;
    const known = state[Number(index)];
    if (known === undefined || array === "step" || array === "__proto__") throw damaged(`${name} belongs to nothing`);
    known[array] = floats(name, value);
  }
  const paramGroups = json
    .get("paramGroups")
    .list()
    .map((group) => ({
      ...Object.fromEntries(group.entries().map(([name, value]) => [name, optionOf(value)])),
      params: group
        .get("params")
        .list()
        .map((place) => place.count()),
    }));
  return { state, paramGroups };
}

/** An option of a group: a number, also one that JSON has no words for, a list of them, or what it is. */
export function optionOf(value: JsonValue): unknown {
  const raw = value.raw();
  if (Array.isArray(raw)) return value.list().map(optionOf);
  return typeof raw === "string" && /^(NaN|-?Infinity|-0)$/.test(raw) ? value.number() : raw;
}
