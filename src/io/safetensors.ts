/**
 * The safetensors format, read strictly and written byte for byte as the reference does; usable without the rest.
 *
 * @example
 * ```ts
 * import { readState } from "torchlet";
 * import { parse, serialize } from "torchlet/safetensors";
 *
 * const bytes = serialize(await readState(model));
 * model.loadStateDict(parse(bytes).tensors);
 * ```
 *
 * @see https://github.com/huggingface/safetensors#format
 * @module torchlet/safetensors
 */
export type { SafeArrays, SafeDType, SafeTensor } from "./safetensors/dtype.ts";
export { type ParseOptions, parse, type SafeTensors } from "./safetensors/parse.ts";
export { type ByteSource, parseStream } from "./safetensors/parseStream.ts";
export { type SafeMetadata, type SafeTensorInput, serialize, serializeStream } from "./safetensors/serialize.ts";
