import { summaryFacts } from "../train/summaryFacts.ts";
import { summaryTable } from "../train/summaryTable.ts";
import { init } from "../index.ts";
import { DropoutModel } from "./dropoutModel.ts";
import { readModelHeader } from "./modelFile.ts";
import { narrowTable } from "./narrowTable.ts";
import type { SummaryOptions } from "./options.ts";
import { screenOf } from "./screen.ts";
import { elementsOf, tensorTable } from "./tensorTable.ts";

/**
 * `torchlet summary`: torchinfo's table of the reference model, or the tensors of a safetensors file.
 *
 * @returns the exit code, 0
 * @throws ShapeError if the model does not take such a batch; DataError or FormatError for a file that cannot be listed
 */
export async function summaryCommand(options: SummaryOptions): Promise<number> {
  const text = options.model === undefined ? await ofReference(options) : await ofFile(options.model, options.json);
  console.log(text);
  return 0;
}

type ReferenceOptions = Extract<SummaryOptions, { model: undefined }>;

async function ofReference({ dropout, inputSize, json }: ReferenceOptions): Promise<string> {
  await init({ device: "cpu" });
  const { rows, totals } = summaryFacts(new DropoutModel(dropout), inputSize);
  if (!json) return narrowTable(summaryTable(rows, totals), screenOf(process.stdout));
  const layers = rows.map(({ typeName: type, depth, index, outputShape, params }) => ({
    type,
    depth,
    index,
    outputShape,
    params,
  }));
  return JSON.stringify({ model: DropoutModel.typeName, inputSize, layers, ...totals });
}

async function ofFile(model: string, json: boolean): Promise<string> {
  const header = await readModelHeader(model);
  if (!json) return tensorTable(model, header, screenOf(process.stdout));
  const { infos, metadata, bytes } = header;
  const tensors = infos.map((info) => ({
    name: info.name,
    dtype: info.dtype,
    shape: info.shape,
    params: elementsOf(info),
    bytes: info.end - info.begin,
  }));
  const totalParams = tensors.reduce((sum, { params }) => sum + params, 0);
  return JSON.stringify({ model, bytes, tensors, totalParams, metadata: Object.fromEntries(metadata) });
}
