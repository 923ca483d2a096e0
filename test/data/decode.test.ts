import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FormatError } from "../../src/core/errors.ts";
import { decodeIdx } from "../../src/data/decode.ts";
import { useCpu } from "../support/device.ts";

const decoding = suite("decodeIdx, gzipped");
decoding.before(useCpu);

/** An IDX file of `n` zeros, packed by the platform: to a thousandth of its length. */
async function zippedZeros(n: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(8 + n);
  bytes.set([0, 0, 8, 1]);
  new DataView(bytes.buffer).setUint32(4, n);
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const refusal = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

decoding("unpacks to 16 MiB whatever the length of the file, and to more where maxBytes says so", async () => {
  const most = 2 ** 24 - 8;
  assert.is((await decodeIdx(await zippedZeros(most))).data.length, most);
  const more = await zippedZeros(most + 1);
  const error = await refusal(decodeIdx(more, { name: "zeros.gz" }));
  assert.ok(error instanceof FormatError && error.code === "GzipTooLarge", String(error));
  assert.match(error.message, /^zeros\.gz: .* 16777217 bytes .* raise maxBytes if it is meant to$/);
  assert.is((await decodeIdx(more, { maxBytes: 2 ** 25 })).data.length, most + 1);
});

decoding("refuses a file that tells of more bytes than the IDX header inside", async () => {
  const zipped = await zippedZeros(100);
  new DataView(zipped.buffer).setUint32(zipped.length - 4, 5000, true);
  const error = await refusal(decodeIdx(zipped));
  assert.ok(error instanceof FormatError && error.code === "InvalidGzip", String(error));
  assert.match(error.message, /tell of 5000 bytes, but the contents of 108/);
});

decoding.run();
