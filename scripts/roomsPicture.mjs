// Draws the rooms of the sources, docs/images/rooms.svg, from the list that the architecture test checks imports against:
// `node scripts/roomsPicture.mjs`. With `--check` it fails where the picture is not that list.
import { readFileSync, writeFileSync } from "node:fs";
import { path } from "./setup.mjs";
import { sheet, text } from "./svg.mjs";

/** What each room is for, by its first place. */
const WORDS = {
  "src/core/": "shapes, dtypes, random, errors",
  "src/backend/": "memory and kernels: cpu, webgpu",
  "src/array.ts": "storage, arrays, Tensor",
  "src/evacuate.ts": "when memory is given back",
  "src/graph.ts": "the graph, backward, noGrad",
  "src/op.ts": "from an operation to a kernel",
  "src/create.ts": "zeros, randn, tensor",
  "src/ops/": "one operation a file",
  "src/methods.ts": "x.add(…), F.add(…), reading, moving",
  "src/nn/": "modules, losses, initialisation",
  "src/optim/": "Adam, SGD",
  "src/data/": "data sets, loaders; safetensors",
  "src/train/": "fit, evaluate, summary, report",
  "src/worker/": "training off the main thread",
  "src/init/": "which device: self-test, measurement",
  "src/public.ts": "the main entry",
  "src/headless/": "a browser that nobody sees",
  "src/cli/": "the command torchlet",
};
const ROW = 25;

/** The rooms of test/node/architecture.test.ts, from the ground up. */
function rooms() {
  const source = readFileSync(path("test/node/architecture.test.ts"), "utf8");
  const [, list = ""] = /const ROOMS: [^=]*= \[\n(.*?)\n\];/s.exec(source) ?? [];
  return Array.from(list.matchAll(/\[([^\]]*)\]/g), ([, places = ""]) =>
    Array.from(places.matchAll(/"([^"]+)"/g), ([, p]) => p),
  );
}

const shortName = (place) => place.replace(/^src\//, "").replace(/\.ts$/, "");

function draw() {
  const all = rooms().reverse();
  const rows = all.map((places, i) => {
    const words = WORDS[places[0]];
    if (words === undefined) throw new Error(`scripts/roomsPicture.mjs has no words for the room ${places[0]}`);
    const y = 52 + i * ROW;
    const names = places.map(shortName);
    const name = names.length > 2 ? `${names[0]}, ${names[1]} …` : names.join(", ");
    const frame = `<rect class="room" x="16" y="${y}" width="368" height="${ROW - 4}" rx="4"/>`;
    return frame + text(24, y + 15, name, "ink") + text(168, y + 15, words);
  });
  const height = 52 + all.length * ROW + 12;
  const told = all.map((places) => `${places.map(shortName).join(", ")}: ${WORDS[places[0]]}`).join("; ");
  const description = `From the top down, each may import from those below it. ${told}.`;
  const head = text(16, 24, "The rooms of src/", "name") + text(16, 42, "imports point down only");
  return sheet({ height, title: "The rooms of the sources", description, content: head + rows.join("") });
}

const file = path("docs/images/rooms.svg");
if (!process.argv.includes("--check")) writeFileSync(file, draw());
else if (readFileSync(file, "utf8") !== draw())
  throw new Error("docs/images/rooms.svg is not the list of rooms any more: run node scripts/roomsPicture.mjs");
