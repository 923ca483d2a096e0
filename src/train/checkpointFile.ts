import { FormatError } from "../core/errors.ts";
import type { JsonValue } from "./jsonValue.ts";
import type { Fact, RunFacts } from "./runFacts.ts";
import type { MetricLists, Snapshot } from "./snapshot.ts";
import { decodeState, encodeState, optionOf } from "./stateFile.ts";

/** The bytes of a checkpoint of `fit`. */
export function encodeCheckpoint(
  snapshot: Snapshot,
  facts: RunFacts,
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const { epoch, step, trained, start, history, best, seconds } = snapshot;
  const generators = new Map([["epochStart", start.standard]]);
  if (start.own) generators.set("loader", start.own);
  const { loss, waited, weights } = best;
  const run = { epoch, step, trained, seconds, history, best: { loss, waited }, ...facts };
  return encodeState({ ...snapshot, best: weights, generators }, { run }, metadata);
}

/** A checkpoint of `fit`, and what it says of its run. */
export interface DecodedCheckpoint {
  readonly snapshot: Snapshot;
  readonly facts: RunFacts;
}

/**
 * Reads a checkpoint of `fit`.
 *
 * @param name what messages call it
 * @throws FormatError for anything else, and where what it says cannot be
 */
export function decodeCheckpoint(bytes: Uint8Array, name: string): DecodedCheckpoint {
  const { weights, best, optimizer, random, generators, json } = decodeState(bytes, name);
  const run = json.get("run");
  if (run.isMissing || optimizer === undefined)
    throw new FormatError(
      "checkpoint-foreign",
      0,
      `checkpoint: ${name} was not written by fit but by save; take it up with resume`,
    );
  const standard = generators.get("epochStart");
  if (standard === undefined)
    throw new FormatError("checkpoint-state", 0, "checkpoint: there is no start of the epoch; the file is damaged");
  const epoch = run.get("epoch").count(1);
  const history = historyOf(run.get("history"), epoch - 1);
  const progress = { loss: run.get("best").get("loss").number(), waited: run.get("best").get("waited").count() };
  const position = { epoch, step: run.get("step").count(), trained: run.get("trained").boolean() };
  const start = { standard, own: generators.get("loader") };
  const seconds = run.get("seconds").number();
  const state = { weights, optimizer, random, start, history, best: { ...progress, weights: best }, seconds };
  return { snapshot: { ...position, ...state }, facts: factsOf(run) };
}

function historyOf(json: JsonValue, epochs: number): MetricLists {
  const list = (name: keyof MetricLists): number[] => {
    const values = json
      .get(name)
      .list()
      .map((value) => value.number());
    if (values.length === epochs) return values;
    throw new FormatError(
      "checkpoint-state",
      0,
      `checkpoint: history.${name} has ${values.length} epochs, expected ${epochs}; the file is damaged`,
    );
  };
  return {
    trainLoss: list("trainLoss"),
    trainAccuracy: list("trainAccuracy"),
    valLoss: list("valLoss"),
    valAccuracy: list("valAccuracy"),
  };
}

function factsOf(run: JsonValue): RunFacts {
  const facts = run.get("facts").entries();
  return {
    facts: Object.fromEntries(facts.map(([name, value]) => [name, value.raw() as Fact])),
    groups: run
      .get("groups")
      .list()
      .map((group) => Object.fromEntries(group.entries().map(([name, value]) => [name, optionOf(value)]))),
    device: run.get("device").text(),
  };
}
