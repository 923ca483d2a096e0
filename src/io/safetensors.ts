/**
 * The safetensors format, read strictly and written as PyTorch reads it; needs nothing else of the package.
 *
 * @module
 */
export type { SafeArrays, SafeDType, SafeTensor } from "./safetensors/dtype.ts";
export { type ParseOptions, parse, type SafeTensors } from "./safetensors/parse.ts";
export { type SafeMetadata, type SafeTensorInput, serialize } from "./safetensors/serialize.ts";
