import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DataError } from "../../src/core/errors.ts";
import { pageError } from "../../src/io/kept.ts";

const kept = suite("what a browser says of a name that it keeps");

for (const name of ["QuotaExceededError", "AbortError"]) {
  // Chromium says either, as its pipe to the file is closed before or after it has told why.
  kept(`a write that ends in ${name} tells to make room, and keeps what the browser said`, () => {
    const cause = new DOMException("it said this", name);
    const error = pageError("write", "best", cause);
    assert.instance(error, DataError);
    assert.match(error.message, new RegExp(`^cannot write best: .*${name}.*it said this; .*make room on the disk$`));
    assert.is(error.cause, cause);
  });
}

kept("what ends a read is no want of room", () => {
  const error = pageError("read", "best", new DOMException("it said this", "AbortError"));
  assert.not.match(error.message, /room/);
});

kept.run();
