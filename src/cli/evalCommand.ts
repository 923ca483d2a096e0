import { fixed } from "../train/fixed.ts";
import { classAccuracies, confusionTable } from "./confusionTable.ts";
import { evalJob, type EvalResult, type EvalStart } from "./evalJob.ts";
import type { EvalOptions } from "./options.ts";
import { printable, type Screen, screenOf, thousands, wrap } from "./screen.ts";
import { Stop } from "./stop.ts";

/**
 * `torchlet eval`: loss, accuracy and confusions of saved weights on MNIST.
 *
 * @returns the exit code: 0, or 128 + the number of the signal that stopped it
 * @throws DataError, FormatError, ShapeError or DTypeError where weights or data cannot be used
 */
export async function evalCommand(options: EvalOptions): Promise<number> {
  const screen = screenOf(process.stdout);
  const stop = new Stop();
  try {
    const result = await evalJob(options, stop.signal, (start) => {
      if (!options.json) console.log(startText(options, start, screen));
    });
    console.log(options.json ? JSON.stringify(resultJson(options, result)) : resultText(options, result, screen));
    return stop.exitCode;
  } catch (error) {
    if (!stop.signal.aborted || error !== stop.signal.reason) throw error;
    if (options.json) console.log(JSON.stringify({ status: "aborted" }));
    return stop.exitCode;
  } finally {
    stop.dispose();
  }
}

function startText({ model, data, dataset }: EvalOptions, { device, params, samples }: EvalStart, screen: Screen) {
  const images = dataset === "test" ? "test" : "training";
  const entries = [
    ["Model", `${printable(model)}, ${thousands(params)} parameters`],
    ["Data", `${thousands(samples)} ${images} images in ${printable(data)}`],
    ["Device", device],
  ] as const;
  const lines = entries.flatMap(([label, text]) =>
    wrap(text, screen.columns - 8).map((line, i) => screen.paint("dim", (i === 0 ? label : "").padEnd(8)) + line),
  );
  return `${lines.join("\n")}\n`;
}

/** The numbers in the form of an epoch's line, then the table. */
function resultText({ dataset }: EvalOptions, result: EvalResult, screen: Screen): string {
  const name = dataset === "test" ? "Test" : "Train";
  const [loss, accuracy] = [fixed(result.loss, 5), fixed(result.accuracy, 5)].map((text) => screen.paint("bold", text));
  const right = `${thousands(result.correct)} of ${thousands(result.samples)} right`;
  const line = `${name} Loss: ${loss} ${name} Accuracy: ${accuracy}`;
  return `${line}\n${screen.paint("dim", right)}\n\n${confusionTable(result, screen)}`;
}

function resultJson({ model, dataset }: EvalOptions, result: EvalResult) {
  const { device, params, samples, loss, accuracy, correct, classes, confusion } = result;
  const accuracies = classAccuracies(confusion);
  const perClass = classes.map((name, label) => ({
    class: name,
    samples: confusion[label]?.reduce((sum, n) => sum + n, 0) ?? 0,
    correct: confusion[label]?.[label] ?? 0,
    accuracy: accuracies[label],
  }));
  return {
    status: "completed",
    model,
    dataset,
    device,
    params,
    samples,
    loss,
    accuracy,
    correct,
    classes: perClass,
    confusion,
  };
}
