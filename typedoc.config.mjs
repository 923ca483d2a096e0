// The API site: `npm run docs` writes it to build/site; `npm test` checks that every public symbol is documented.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { load } from "./scripts/typedocPlugin.mjs";

const read = (name) => readFileSync(new URL(name, import.meta.url), "utf8");

/** The sources of the package's entries, from what package.json exports: a new entry cannot be forgotten. */
const entryPoints = Object.values(JSON.parse(read("package.json")).exports)
  .filter((entry) => entry.types !== undefined)
  .map(({ types }) => types.replace("./build/types/", "./src/").replace(/\.d\.ts$/, ".ts"));

/** The pages of the guide: its index first, then in the order in which that names them. */
function guide() {
  const pages = readdirSync(new URL("docs", import.meta.url)).filter((name) => name.endsWith(".md"));
  const index = existsSync(new URL("docs/README.md", import.meta.url)) ? read("docs/README.md") : "";
  const place = (page) => (page === "README.md" ? -1 : index.indexOf(`(${page}`) + 1 || index.length + 1);
  return pages.sort((a, b) => place(a) - place(b)).map((page) => `docs/${page}`);
}

/** @type {Partial<import("typedoc").TypeDocOptions>} */
export default {
  name: "torchlet",
  includeVersion: true,
  logLevel: "Warn",
  disableSources: true, // their links would depend on where the clone came from
  entryPoints,
  tsconfig: "tsconfig.build.json",
  skipErrorChecking: true, // that is `npm run check`
  plugin: [load],
  out: "build/site",
  readme: "README.md",
  projectDocuments: guide(),
  customCss: "docs/site.css",
  hideGenerator: true,
  headings: { readme: false },
  excludeInternal: true,
  excludeProtected: true,
  navigation: { includeCategories: true, includeGroups: false, includeFolders: false },
  sort: ["documents-first", "kind", "source-order"],
  kindSortOrder: ["Namespace", "Class", "Function", "Interface", "TypeAlias", "Constructor", "Property", "Accessor", "Method"],
  sortEntryPoints: false,
  useFirstParagraphOfCommentAsSummary: true,
  includeHierarchySummary: false,
  categoryOrder: [
    ...["Namespaces", "Devices", "Properties", "Tensors", "Creation", "Random numbers"],
    ...["Layers", "Activations", "Containers", "Losses", "Initialisation"],
    ...["Arithmetic", "Reductions", "Comparisons", "Shapes", "Autograd", "Reading", "Devices and memory"],
    ...["Optimizers", "State", "Loaders", "Data sets", "MNIST", "IDX files", "Training", "Evaluation", "Pictures"],
    ...["Errors", "*", "Other"],
  ],
  highlightLanguages: ["bash", "console", "css", "diff", "html", "javascript", "json", "python", "typescript", "wgsl"],
  ignoredHighlightLanguages: ["text"],
  requiredToBeDocumented: [
    ...["Module", "Namespace", "Class", "Interface", "TypeAlias", "Function", "Variable"],
    ...["Constructor", "Property", "Accessor", "Method"],
  ],
  validation: { notDocumented: true, notExported: true, invalidLink: true, invalidPath: true, rewrittenLink: true },
  treatWarningsAsErrors: true,
};
