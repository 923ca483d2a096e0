// What the bundler makes of a file that runs in a worker: a script as text (scripts/workerSource.mjs).
declare module "worker:*" {
  const source: string;
  export default source;
}
