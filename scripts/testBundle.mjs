// Bundles the test files: one bundle for Node, Deno and Chromium alike, and one for test/node, which needs Node's modules.
import { relative, sep } from "node:path";
import { build } from "esbuild";
import { bundleOptions } from "./build.mjs";
import { globSync } from "./glob.mjs";
import { path } from "./setup.mjs";

/** Test files by their paths from the root, sorted; with a filter only those whose path contains it. */
export function findTests(filter = "") {
  const files = globSync(path("."), ["test"], ".test.ts").map((file) => relative(path("."), file).split(sep).join("/"));
  const chosen = files.filter((file) => file.includes(filter)).sort();
  const isNodeOnly = (file) => file.startsWith("test/node/");
  return { shared: chosen.filter((file) => !isNodeOnly(file)), nodeOnly: chosen.filter(isNodeOnly) };
}

/** Imports each file on its own, so that one that throws is named and the others still run. */
function entry(files) {
  const list = files.map((file) => `[${JSON.stringify(file)}, () => import(${JSON.stringify(`./${file}`)})]`);
  return `import { runFiles } from "./test/support/report.ts";\nawait runFiles([\n${list.join(",\n")}\n]);\n`;
}

/** Writes build/test/`name`.mjs and returns its path from the root. */
export async function bundleTests(name, files, platform = "neutral") {
  const outfile = `build/test/${name}.mjs`;
  await build({
    ...bundleOptions,
    platform,
    external: [...bundleOptions.external, "puppeteer", "esbuild"],
    mainFields: ["module", "main"],
    stdin: { contents: entry(files), resolveDir: path("."), sourcefile: `${name}.ts`, loader: "ts" },
    tsconfig: path("tsconfig.json"),
    outfile: path(outfile),
  });
  return outfile;
}
