import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { blocksOf, matches } from "../support/docs/blocks.ts";
import { checkTypes, verifyPage } from "../support/docs/guide.ts";
import { accuraciesAt, measuredRows, referenceRows } from "../support/docs/measured.ts";
import { followPage } from "../support/docs/operation.ts";
import { openProject, type Project } from "../support/docs/project.ts";
import { agree, pairsOf, runPairs } from "../support/docs/rows.ts";
import { readJson } from "../support/files.ts";

interface Reader {
  project: Project;
  /** Builds and tests a copy of the repository meanwhile: most of its time one of several cores is free. */
  operation: Promise<unknown>;
}

const docs = suite<Reader>("docs");

/** Followed in a copy of the repository, by a test of its own. */
const OPERATION = "docs/adding-an-operation.md";
const TABLE = "docs/from-pytorch.md";
const PAGES = ["README.md", "CONTRIBUTING.md", ...readdirSync("docs").map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith(".md"),
);

docs.before(async (reader) => {
  reader.operation = followPage(OPERATION).then(
    () => undefined,
    (error: unknown) => error,
  );
  reader.project = await openProject();
});
docs.after(({ project }) => project.close());

for (const page of PAGES.filter((name) => name !== OPERATION))
  docs(`${page}: every block runs in a reader's folder and prints what the page shows`, ({ project }) =>
    verifyPage(project, page),
  );

docs(
  "in the tables for PyTorch users the right side runs, and gives what PyTorch gave for the left",
  async ({ project }) => {
    const { cells } = await readJson<{ cells: Record<string, string> }>("test/golden/fromPyTorch.json");
    const pairs = pairsOf(TABLE);
    const texts = await runPairs(project, TABLE, pairs);
    const wrong = pairs.flatMap(({ line, python, code }, i) => {
      const [golden, text] = [cells[python], texts[i] ?? null];
      return golden === undefined || (text !== null && agree(text, golden))
        ? []
        : [`${TABLE}:${line}: ${code} gives ${text}, PyTorch's ${python} ${golden}`];
    });
    assert.equal(wrong, []);
    const compared = new Set(pairs.map(({ python }) => python).filter((python) => cells[python] !== undefined));
    assert.equal(
      Object.keys(cells).filter((python) => !compared.has(python)),
      [],
      "golden cells that no row has",
    );
    assert.ok(compared.size >= 80, `${compared.size} of ${pairs.length} pairs compared with PyTorch`);
  },
);

docs("the programs of all pages have the types that they need", async ({ project }) => {
  assert.is(await checkTypes(project, PAGES), "");
});

docs("every page but the index and the one about WebGPU begins with a program", () => {
  for (const page of PAGES.filter((name) => name.startsWith("docs/"))) {
    if (page === "docs/README.md" || page === "docs/webgpu.md") continue;
    const text = readFileSync(page, "utf8");
    const beginning = text.slice(0, text.indexOf("```")).split("\n").length;
    assert.ok(blocksOf(page).length > 0 && beginning <= 20, `${page}: its first block comes after line ${beginning}`);
  }
});

docs("the tables of the README and of the page about dropout show what was measured", () => {
  const lines = (page: string) => readFileSync(page, "utf8").split("\n");
  const missing = (page: string, rows: readonly string[]) => rows.filter((row) => !lines(page).includes(row));
  const rows = measuredRows();
  assert.equal(
    rows.map(({ length }) => length),
    [3, 3, 10],
  );
  assert.equal(missing("docs/dropout.md", rows.flat()), []);
  assert.is(referenceRows().length, 4);
  assert.equal(missing("README.md", referenceRows()), []);
});

docs("the best run without dropout ends below the worst with it, as the page about dropout says", () => {
  assert.ok(Math.max(...accuraciesAt(0)) < Math.min(...accuraciesAt(0.5)));
  assert.is(accuraciesAt(0).length, 5);
});

/** The anchors that GitHub gives the headings of a page. */
const anchorsOf = (text: string): string[] =>
  Array.from(text.matchAll(/^#+ (.*)$/gm), ([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

docs("every link inside the repository leads somewhere", () => {
  for (const page of PAGES) {
    const text = readFileSync(page, "utf8").replaceAll(/^```.*?^```$/gms, "");
    for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+)\)|src="([^"]+)"/g)) {
      if (/^https?:/.test(target)) continue;
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? page : normalize(join(dirname(page), path));
      assert.ok(existsSync(file), `${page} links to ${target}`);
      if (anchor !== undefined)
        assert.ok(anchorsOf(readFileSync(file, "utf8")).includes(anchor), `${page} links to ${target}`);
    }
  }
});

docs("code blocks are at most 130 columns wide", () => {
  for (const page of PAGES)
    for (const { code, line } of blocksOf(page))
      for (const text of code.split("\n")) assert.ok(text.length <= 130, `${page}:${line}: ${text}`);
});

docs("what is shown matches what is printed: in full, with gaps in a line, with lines left out", () => {
  assert.ok(matches("a\nb\n", "a\nb\n"));
  assert.ok(matches("a … c\n", "a b c\n"));
  assert.ok(matches("a\n…\nd\n", "a\nb\nc\nd\n"));
  assert.not.ok(matches("a\n", "a\nb\n"));
  assert.not.ok(matches("a … c\n", "a b d\n"));
  assert.not.ok(matches("a.c\n", "abc\n"));
});

docs("following the page about operations gives one that passes its tests on both devices", async ({ operation }) => {
  const error = await operation;
  if (error) throw error;
});

docs.run();
