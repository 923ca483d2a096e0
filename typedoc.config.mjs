// The API site: `npm run docs` writes it to build/site; `npm test` checks that every public symbol is documented.
import packageJson from "./package.json" with { type: "json" };

/** The sources of the package's entries, from the declarations that package.json exports: a new entry cannot be forgotten. */
const entryPoints = Object.values(packageJson.exports)
  .filter((entry) => entry.types !== undefined)
  .map(({ types }) => types.replace("./build/types/", "./src/").replace(/\.d\.ts$/, ".ts"));

/** @type {Partial<import("typedoc").TypeDocOptions>} */
export default {
  name: "torchlet",
  includeVersion: true,
  entryPoints,
  tsconfig: "tsconfig.build.json",
  skipErrorChecking: true, // that is `npm run check`
  out: "build/site",
  readme: "README.md",
  projectDocuments: ["docs/*.md"],
  customCss: "docs/site.css",
  excludeInternal: true,
  excludeProtected: true,
  navigation: { includeCategories: true, includeGroups: false, includeFolders: false },
  sort: ["source-order"],
  sortEntryPoints: false,
  categoryOrder: ["*", "Other"],
  includeHierarchySummary: false,
  hideGenerator: true,
  highlightLanguages: ["bash", "css", "diff", "html", "javascript", "json", "python", "text", "tsx", "typescript", "wgsl"],
  requiredToBeDocumented: [
    "Module",
    "Namespace",
    "Variable",
    "Function",
    "Class",
    "Interface",
    "Constructor",
    "Property",
    "Method",
    "Accessor",
    "TypeAlias",
  ],
  validation: { notDocumented: true, notExported: true, invalidLink: true, invalidPath: true, rewrittenLink: true },
  treatWarningsAsErrors: false,
};
