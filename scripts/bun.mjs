// Finds the Bun that npm has installed: one binary for the system, the processor and (on Linux) the C library.
import { join } from "node:path";
import { isExecutable } from "./executable.mjs";
import { path } from "./setup.mjs";

const PROCESSORS = { arm64: "aarch64", x64: "x64" };

/**
 * The executable. Without install scripts `node_modules/.bin/bun` only says that they have not run, so this is the binary of
 * the platform's own package. It runs on processors without AVX2 too.
 *
 * @throws Error where npm has left it out
 */
export function findBun() {
  const name = `bun-${process.platform}-${PROCESSORS[process.arch] ?? process.arch}`;
  const packages = [name, `${name}-musl`].map((each) => `@oven/${each}`);
  const file = packages.map((each) => path(join("node_modules", each, "bin/bun"))).find(isExecutable);
  if (file) return file;
  throw new Error(
    `Bun is not installed: neither ${packages.join(" nor ")} is in node_modules; npm ci installs the one that fits`,
  );
}
