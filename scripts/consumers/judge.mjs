// What every fixture must come to: a loss that fell, the same weights to the bit, the right names in the summary.

const NAMES = ["SmallNet", "Sequential: 1-1", "Linear: 2-1", "ReLU: 2-2", "Dropout: 2-3", "Linear: 1-2"];
const KEPT_DIGITS = 12;

let reference;

/** Takes the weights of the first report as those that all others must have. */
export function judge(report, { threads = 1, isolated = false } = {}) {
  const { loss, weights, summary } = report;
  const [first, last] = [loss[0], loss.at(-1)];
  if (loss.length !== 3 || !(last < first / 2)) throw new Error(`the loss did not fall by half: ${loss.join(", ")}`);
  for (const name of NAMES)
    if (!summary.includes(name)) throw new Error(`the summary does not name ${name}:\n${summary}`);
  if (!/^[0-9a-f]{64}$/.test(weights)) throw new Error(`no SHA-256 of weights: ${weights}`);
  reference ??= report;
  for (const key of ["weights", "summary"])
    if (report[key] !== reference[key])
      throw new Error(`${key} differ from those of the first fixture:\n${report[key]}\n${reference[key]}`);
  if (report.device !== "cpu" || report.threads !== threads || report.isolated !== isolated)
    throw new Error(
      `expected cpu, ${threads} threads, isolated ${isolated}; got ${report.device}, ${report.threads}, ${report.isolated}`,
    );
  return `loss ${first.toFixed(2)} → ${last.toFixed(2)}, weights ${weights.slice(0, KEPT_DIGITS)}`;
}

/** What a page shows must be an error of that name whose message holds a word of the way out. */
export function expectError({ error }, name, word) {
  if (error?.name !== name || !error.message.includes(word))
    throw new Error(`expected a ${name} that names ${word}, got ${JSON.stringify(error)}`);
}

/** The JSON on the last line of a program's output. */
export function lastLine(stdout) {
  return JSON.parse(stdout.trimEnd().split("\n").at(-1));
}

/** What builds say of themselves: names of files, one of which may be called errors.js, and Next's word on a cache. */
const OWN_WORDS = [/\S+\.m?js\b/g, /^.*No build cache found.*/gm];

/**
 * Builds with the fixture's own script. Bundlers must have nothing to say against the package.
 *
 * @throws Error with the line where one has
 */
export async function buildQuietly(run, script = "build") {
  const { stdout, stderr } = await run("npm", ["run", "--silent", script]);
  const output = OWN_WORDS.reduce((text, words) => text.replaceAll(words, ""), `${stdout}\n${stderr}`);
  const complaint = /warn|⚠|unresolved|could not|cannot|deprecat|error|external|circular/i;
  const line = output.split("\n").find((each) => complaint.test(each));
  if (line !== undefined) throw new Error(`the build complains: ${line.trim()}\n${stdout}${stderr}`);
}
