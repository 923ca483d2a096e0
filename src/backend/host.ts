/**
 * The AssemblyScript module as the host uses it at once, beside any device: decoding files, a little memory to do it in.
 */
export interface HostModule {
  readonly exports: Readonly<Record<string, (...args: number[]) => number>>;
  readonly memory: WebAssembly.Memory;
  /** The address of `bytes` free bytes. @throws OutOfMemoryError */
  allocate(bytes: number): number;
  free(address: number): void;
}
