// How bundles take WGSL in: as text, without what only people read.
import { readFileSync } from "node:fs";

/** The text without comments (but for includes), blank lines and indents; names and line breaks stay, for error messages. */
export const packWgsl = (text) =>
  text
    .split("\n")
    .map((line) => (/^\/\/ include /.test(line) ? line : line.replace(/\/\/.*$/, "").trim()))
    .filter((line) => line !== "")
    .join("\n");

/** An esbuild plugin for `import text from "./x.wgsl"`. */
export const wgsl = {
  name: "wgsl",
  setup(build) {
    build.onLoad({ filter: /\.wgsl$/ }, ({ path }) => ({
      contents: packWgsl(readFileSync(path, "utf8")),
      loader: "text",
    }));
  },
};
