// What a run found, as Markdown: a section for each part, for the terminal, build/bench.md and the guide.
import { lossOf, NEAR } from "./benchChoice.mjs";
import { EPOCH_STEPS, EPOCHS, LEARNED, WARM_UP } from "./benchMeasure.mjs";
import { PLACES } from "./benchPlaces.mjs";
import { markdownTable, pairedRatio, showRatio, showSpread, spread, threeDigits } from "./benchTable.mjs";

const SPREAD = "Median (smallest–largest, or how often each of two modes)";
const RATIO =
  "Ratio: torchlet's time / the peer's, by the pair, at as many threads (or at 1 if it has no more); below 1 is faster.";

/** `tfjs-wasm 4.22.0, 1 thread`: the version goes where the name ends. */
const nameOf = ({ label, version }) => label.replace(",", ` ${version},`);

const withVersion = ({ name, version }) => `${name} ${version}`;

const leftOut = (absent) => absent.map(({ label, reason }) => `Left out: ${label}: ${reason}`);

/** A cell of a measurement, and one of its ratio. */
const cells = (value, show) => (value ? [showSpread(value, show), showRatio(value.ratio)] : ["–", "–"]);

function verdict({ loss, learned }) {
  return `${loss.toFixed(3)}${learned === false ? " (wrong)" : ""}`;
}

function placeTable(place, results) {
  const isWhole = results.some(({ whole }) => whole);
  const whole = place === "webgpu" ? "1 epoch, s" : `${EPOCHS} epochs, s`;
  const header = ["system", "ms a step", "ratio", "samples/s evaluated", "ratio"];
  const rows = results.map((result) => [
    nameOf(result),
    ...cells(result.msPerStep, threeDigits),
    ...cells(result.evaluation, (value) => String(Math.round(value))),
    ...(isWhole ? cells(result.whole, threeDigits) : []),
    verdict(result.test),
  ]);
  return markdownTable([...header, ...(isWhole ? [whole, "ratio"] : []), "test loss"], rows);
}

function placeNotes(place, { results, trained, rounds, steps, evaluations, gpuSteps, gpuEpochs }) {
  const runtimes = [...new Set(results.flatMap(({ runtime }) => runtime ?? []))].join("; ");
  const counted =
    place === "webgpu"
      ? [
          `${SPREAD} of chunks of ${gpuSteps} steps, and of ${gpuEpochs} whole epochs of ${EPOCH_STEPS} steps without evaluations.`,
        ]
      : [
          `${SPREAD} of ${rounds} interleaved rounds of ${steps} steps and ${evaluations} evaluations of 10,000 samples,`,
          `when warm: after ${WARM_UP[place].steps} steps and ${WARM_UP[place].evaluations} evaluations. Whole jobs begin cold.`,
        ];
  return [
    ...(runtimes ? [`${runtimes}.`] : []),
    ...counted,
    RATIO,
    `Test loss after ${trained} steps; ${LEARNED.loss} or less is learned. What cannot train evaluates torchlet's weights.`,
  ];
}

const placeSection = (place) => (part) => ({
  title: PLACES[place].title,
  table: part.results.length ? placeTable(place, part.results) : "",
  notes: [...(part.results.length ? placeNotes(place, part) : []), ...leftOut(part.absent)],
});

function breakdownSection({ version, rounds, results }) {
  const phases = [...new Set(results.flatMap((result) => result.phases.map(({ phase }) => phase)))];
  const header = ["", ...results.flatMap(({ batch }) => [`batch ${batch}, µs`, "share"])];
  const percent = (share) => `${(share * 100).toFixed(1)} %`;
  const cell = ({ phases: rows }, phase) => {
    const found = rows.find((row) => row.phase === phase);
    return found ? [threeDigits(found.ms * 1000), percent(found.share)] : ["–", "–"];
  };
  const rows = phases.map((phase) => [phase, ...results.flatMap((result) => cell(result, phase))]);
  const total = [
    "whole step, timed",
    ...results.flatMap(({ timedMs }) => [threeDigits(timedMs.median * 1000), "100 %"]),
  ];
  const plain = [
    "whole step, not timed",
    ...results.flatMap(({ plainMs }) => [threeDigits(plainMs.median * 1000), ""]),
  ];
  return {
    title: "Where a training step of torchlet goes",
    table: markdownTable(header, [...rows, total, plain]),
    notes: [
      `torchlet ${version} in Node on one thread; medians of ${rounds} rounds, a new model in each. Products build their lists of`,
      "nonzeros themselves. “Everything else” is the cost of the API: the loader, the graph, the optimizer's calls, waiting.",
      ...results.map(({ batch, phases: each }) => {
        const { ms, share } = each.at(-1);
        return `At batch ${batch} that is ${percent(share)} of a step, ${threeDigits(ms * 1000)} µs.`;
      }),
    ],
  };
}

function coldSection({ rounds, results }) {
  const names = [...new Set(results.map(({ name }) => name))];
  const places = [...new Set(results.map(({ place }) => place))];
  const find = (name, place) => results.find((result) => result.name === name && result.place === place);
  const cell = (name, place) => {
    const { starts, reason } = find(name, place);
    const ours = find("torchlet", place);
    if (reason !== null || starts.length === 0) return ["–", "–"];
    const ratio = name === "torchlet" || ours.reason !== null ? null : pairedRatio(ours.starts, starts);
    return [showSpread(spread(starts), threeDigits), showRatio(ratio)];
  };
  const header = ["system", ...places.flatMap((place) => [`${place}, ms`, "ratio"])];
  const failed = results.filter(({ reason }) => reason !== null);
  return {
    title: "Cold start",
    table: markdownTable(
      header,
      names.map((name) => [withVersion(find(name, places[0])), ...places.flatMap((place) => cell(name, place))]),
    ),
    notes: [
      "From the import to the first finished training step, batch 200, one thread or the library's choice, in a fresh process and a",
      `fresh page; each program minified. ${SPREAD} of ${rounds}.`,
      ...failed.map(({ name, place, reason }) => `Left out: ${name} in ${place}: ${reason}`),
    ],
  };
}

function sizeSection({ results }) {
  const kilo = (bytes) => (bytes / 1000).toFixed(1);
  const rows = results.map(({ name, version, scriptBytes, wasmBytes }) => [
    withVersion({ name, version }),
    kilo(scriptBytes),
    wasmBytes ? kilo(wasmBytes) : "–",
    kilo(scriptBytes + wasmBytes),
  ]);
  return {
    title: "What a page loads",
    table: markdownTable(["system", "scripts, kB", "WebAssembly apart, kB", "together, kB"], rows),
    notes: ["The smallest program that trains the net on the CPU, minified by esbuild, each file after gzip -9."],
  };
}

function shapeName({ batch, width, dropout, dense }) {
  const model = width ? `784-${width}-${width}-10` : "reference";
  const zeros = dropout > 0 ? "" : `, no dropout${dense ? ", no zero pixels" : ""}`;
  return `batch ${batch}, ${model}${zeros}`;
}

function growthSection({ rounds, peers, results, absent }) {
  const timesOf = ({ peers: measured }, label) => measured.find((each) => each.label === label)?.msPerStep;
  const labels = peers.map(({ label }) => label);
  const ratio = (result, ours, theirs) => {
    const [one, other] = [timesOf(result, ours), timesOf(result, theirs)];
    return one && other ? showRatio(pairedRatio(one.rounds, other.rounds)) : "–";
  };
  const rivals = labels.filter((label) => !label.startsWith("torchlet"));
  const oursFor = (label) => (label.includes("2 threads") ? "torchlet, 2 threads" : "torchlet, 1 thread");
  const header = ["steps/s", ...peers.map(nameOf), ...rivals.map((label) => `ratio to ${label}`)];
  const rows = results.map((result) => [
    shapeName(result),
    ...labels.map((label) => threeDigits(1000 / timesOf(result, label).median)),
    ...rivals.map((label) => ratio(result, oursFor(label), label)),
  ]);
  return {
    title: "How the speed changes with batch, width, threads and zeros",
    table: markdownTable(header, rows),
    notes: [
      `Training steps a second, medians of ${rounds} interleaved rounds, on one batch of random pixels (19 % of them not zero), with`,
      "dropout 0.5 unless the line says otherwise; the reference is 784-256-256-128-128-10. Ratios are of times, at as many threads.",
      ...leftOut(absent),
    ],
  };
}

function choiceSection({ rounds, short, shortRounds, again, random, results }) {
  const densities = [...new Set(results.map(({ density }) => density))];
  const rows = densities.map((density) => {
    const of = results.filter((result) => result.density === density);
    const gains = of.map(({ chosen, never }) => chosen / never);
    return [
      `${Math.round(density * 100)} %`,
      String(of.length),
      String(of.filter((result) => lossOf(result) <= NEAR).length),
      showRatio(Math.max(...of.map(lossOf))),
      showRatio(spread(gains).median),
      showRatio(Math.min(...gains)),
    ];
  });
  const told = results.filter((result) => lossOf(result) > NEAR).sort((one, other) => lossOf(other) - lossOf(one));
  const repeated = results.filter(({ isAgain }) => isAgain).length;
  return {
    title: "Whether zeros are skipped where it pays",
    table: markdownTable(
      ["not zero", "products", "within 10 % of the better way", "worst", "time / never skipping", "least"],
      rows,
    ),
    notes: [
      `Forward and both gradients of layers of 10 to 4,096 columns and 1 to 2,000 rows, ${random} of random sizes: medians of ${shortRounds}`,
      `interleaved rounds (${rounds} of products over ${short.toExponential().replace("+", "")} operations), as torchlet chooses, and by kernels`,
      "that never and always skip zeros.",
      `${repeated} that seemed over 10 % slower were measured again, in ${again} times as many rounds, which count.`,
      ...told.map((result) => {
        const { kind, rows: n, ins, outs, density, chosen } = result;
        return `${showRatio(lossOf(result))}: ${kind}, ${n} rows, ${ins} to ${outs}, ${Math.round(density * 100)} % not zero, ${threeDigits(chosen)} µs`;
      }),
    ],
  };
}

const SECTIONS = {
  node: placeSection("node"),
  chromium: placeSection("chromium"),
  webgpu: placeSection("webgpu"),
  breakdown: breakdownSection,
  cold: coldSection,
  size: sizeSection,
  choice: choiceSection,
  growth: growthSection,
};

/** A recorded part as Markdown: heading, table, what the numbers are, and where and when they were measured. */
export function sectionOf(name, part) {
  const { title, table, notes } = SECTIONS[name](part);
  const { cpu, cores, node } = part.machine;
  const where = `Measured on ${part.date.slice(0, 10)}: ${cpu}, ${cores} cores, Node ${node.replace(/^v/, "")}.`;
  return [`### ${title}`, ...(table ? [table] : []), [...notes, where].join("\n")].join("\n\n");
}
