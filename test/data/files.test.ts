import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DataError } from "../../src/core/errors.ts";
import { readFirst } from "../../src/data/files.ts";
import { hasFiles, readBytes } from "../support/files.ts";

const reading = suite("readFirst");

/** The repository's root: a folder, or the server of a page. */
const ROOT = hasFiles ? "." : "";

const refusal = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "nothing was thrown",
    (error: unknown) => error,
  );

reading("takes the first candidate that is there, and says which", async () => {
  const file = await readFirst(ROOT, ["nowhere/print.json", "test/golden/print.json", "package.json"], "");
  assert.is(file.name, "test/golden/print.json");
  assert.equal(file.bytes, await readBytes("test/golden/print.json"));
});

reading("a slash at the end of the root does not matter", async () => {
  const root = hasFiles ? "test/golden/" : "/test/golden/";
  assert.is((await readFirst(root, ["print.json"], "")).name, "print.json");
});

reading("names every place where it looked, and gives the advice", async () => {
  const root = hasFiles ? "test" : "/test";
  const error = await refusal(readFirst(root, ["one/a", "one/a.gz", "b"], "Bring a file."));
  assert.ok(error instanceof DataError, String(error));
  for (const place of ["/one/a,", "/one/a.gz,", "/b."])
    assert.ok(error.message.includes(`${root}${place}`), error.message);
  assert.match(error.message, /Bring a file\.$/);
});

reading("takes a picked file by the last part of a candidate's path", async () => {
  const files = [new File(["no"], "b"), new File(["yes"], "a.gz")];
  const { name, bytes } = await readFirst(files, ["one/two/a", "one/two/a.gz"], "");
  assert.equal([name, new TextDecoder().decode(bytes)], ["one/two/a.gz", "yes"]);
});

reading("says that picked files lack one", async () => {
  const error = await refusal(readFirst([], ["one/a"], "Pick it."));
  assert.ok(error instanceof DataError && /picked files for a\. Pick it\./.test(error.message), String(error));
});

reading.run();
