import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Kernel } from "../../src/core/kernel.ts";
import { linearGradientKernel, linearKernel } from "../../src/ops/linear.ts";
import { matmulKernel } from "../../src/ops/matmul.ts";
import type { Job } from "../support/gpuJobs.ts";
import { dense } from "../webgpu/cases/dense.ts";
import { elementwise } from "../webgpu/cases/elementwise.ts";
import { losses } from "../webgpu/cases/losses.ts";
import { rows } from "../webgpu/cases/rows.ts";

const invocations = suite("invocations and pieces");

type Count = (params: readonly number[], job: Job) => number;

const blocks = (m: number, n: number): number => Math.ceil(m / 4) * Math.ceil(n / 4);
/** Rows of [outer, n, inner] each by one invocation, or long ones of contiguous elements by a workgroup of 64. */
const reduced: Count = ([outer = 0, n = 0, inner = 0]) => (inner === 1 && n > 64 ? 64 * outer : outer * inner);
const eachRow: Count = ([outer = 0, , inner = 0]) => outer * inner;

/** What the comments of shaders/ say of those that do not give an invocation to each element of their first output. */
const COUNTS: Readonly<Record<string, Count>> = {
  ...Object.fromEntries(["sum", "sumInt32", "sumBytes", "mean"].map((name) => [name, reduced])),
  ...Object.fromEntries(
    ["softmax", "softmaxBackward", "logSoftmax", "logSoftmaxBackward"].map((name) => [name, eachRow]),
  ),
  ...Object.fromEntries(
    ["crossEntropy", "crossEntropyBackward", "nllLoss", "nllLossBackward"].map((name) => [name, eachRow]),
  ),
  matmul: ([batch = 0, m = 0, n = 0]) => batch * blocks(m, n),
  linear: ([rowCount = 0, , outs = 0]) => blocks(rowCount, outs),
  linearGradient: ([, ins = 0, outs = 0]) => Math.max(blocks(outs, ins), outs),
  dropout: ([n = 0]) => Math.ceil(n / 4),
  reduceLoss: () => 64,
};

/** One for each element of the first output, or for each word of four bytes. */
const eachElement: Count = (_, { writes: [first] }) =>
  first instanceof Uint8Array ? Math.ceil(first.length / 4) : (first?.length ?? 0);

const isOperation = ({ name }: Kernel): boolean => !/^(gather|stridedCopy|argmax|adam|sgd|fill)/.test(name);

for (const { kernel, jobs } of [...elementwise, ...rows, ...losses, ...dense].filter((each) =>
  isOperation(each.kernel),
))
  invocations(`${kernel.name} asks for the invocations that have something to do`, () => {
    const count = COUNTS[kernel.name] ?? eachElement;
    for (const job of jobs) assert.is(kernel.threads(job.params), count(job.params, job), `[${job.params}]`);
  });

/** The operations of a command: those of a piece times the pieces. */
const operations = ({ split }: Kernel, params: readonly number[]): number =>
  (split?.pieces(params) ?? 0) * (split?.cost(params) ?? 0);

invocations("a product costs a multiplication and an addition for each of its terms, however it is divided", () => {
  assert.is(operations(matmulKernel, [1, 5, 7, 3]), 2 * 5 * 7 * 3);
  assert.is(operations(matmulKernel, [4, 5, 7, 3]), 2 * 4 * 5 * 7 * 3);
  assert.is(operations(linearKernel, [5, 3, 7]), 2 * 5 * 7 * 3);
  assert.is(operations(linearGradientKernel, [5, 3, 7]), 2 * 5 * 7 * 3);
});

invocations.run();
