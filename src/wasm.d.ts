/** A WebAssembly file as the bundler inlines it: packed. */
declare module "*.wasm" {
  const kernels: import("./init/packedKernels.ts").PackedKernels;
  export default kernels;
}
