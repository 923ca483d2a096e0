import { randomState } from "../core/random/state.ts";
import { type ByteStore, openStore } from "../io/store.ts";
import { readState } from "../nn/state.ts";
import { checkOptimizer, checkWeights } from "./restore.ts";
import { putRandom, takeRandom } from "./snapshot.ts";
import type { LoopState } from "./resume.ts";
import { decodeState, encodeState } from "./stateFile.ts";

/** What `save` does. */
export async function saveLoop(to: string | ByteStore, { model, optimizer, data }: LoopState): Promise<void> {
  const random = takeRandom(randomState());
  const [weights, state] = await Promise.all([readState(model), optimizer?.stateDict()]);
  const parts = { weights, best: undefined, optimizer: state, random, generators: new Map() };
  const bytes = encodeState(parts, { data }, {});
  await (typeof to === "string" ? openStore(to) : to).write(bytes);
}

/** What `resume` does. */
export async function resumeLoop(
  from: string | ByteStore | Uint8Array,
  { model, optimizer }: Omit<LoopState, "data">,
): Promise<{ readonly data: unknown } | undefined> {
  const name = typeof from === "string" ? from : "the checkpoint";
  const bytes = from instanceof Uint8Array ? from : await (typeof from === "string" ? openStore(from) : from).read();
  if (bytes === undefined) return undefined;
  const { weights, optimizer: state, random, json } = decodeState(bytes, name);
  checkWeights(name, model, weights);
  if (optimizer && state) {
    const params = optimizer.paramGroups?.flatMap((group) => group.params) ?? model.parameters();
    const shapes = params.map(({ shape }) => shape);
    checkOptimizer(name, await optimizer.stateDict(), state, shapes);
    optimizer.loadStateDict(state);
  }
  model.loadStateDict(weights);
  putRandom(randomState(), random);
  return { data: json.get("data").raw() };
}
