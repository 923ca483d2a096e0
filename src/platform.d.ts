// Names of the platform that the declarations mention, for programs that are compiled without the library "DOM", as Node's
// are: an empty interface each. Where the platform's own declarations are there too, both are merged and nothing changes.
// biome-ignore-all lint/suspicious/noEmptyInterface: an interface merges with the platform's, an alias would contradict it
/// <reference lib="esnext.disposable" />

interface AbortSignal {}
interface Blob {}
interface File {}
interface GPU {}
interface GPUDevice {}
interface MessagePort {}
// biome-ignore lint/suspicious/noExplicitAny: the platform's declarations say so, and both must say the same
interface ReadableStream<R = any> {}
interface Response {}
interface URL {}
interface Worker {}
declare namespace WebAssembly {
  interface Memory {}
  interface Module {}
}
