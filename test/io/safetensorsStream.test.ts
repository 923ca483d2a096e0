import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DataError, FormatError } from "../../src/core/errors.ts";
import { parse, parseStream, type SafeTensorInput, serialize, serializeStream } from "../../src/io/safetensors.ts";
import { A, MALFORMED } from "./malformedSafetensors.ts";
import { f32, file } from "./safetensorsFile.ts";

const stream = suite("safetensors, streams");

const SMALL = serialize(
  [
    ["weight", { dtype: "F32", shape: [2, 3], data: new Float32Array([1, 2, 3, 4, 5, 6]) }],
    ["bias", { dtype: "BF16", shape: [3], data: new Uint16Array([7, 8, 9]) }],
    ["empty", { dtype: "I64", shape: [0], data: new BigInt64Array(0) }],
    ["scalar", { dtype: "U8", shape: [], data: new Uint8Array([10]) }],
  ],
  { made: "here" },
);

/** A stream of `bytes` in chunks of `size`, and whether its reader has cancelled it. */
function chunked(bytes: Uint8Array, size: number): { source: ReadableStream<Uint8Array>; cancelled: () => boolean } {
  let at = 0;
  let isCancelled = false;
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
    },
    cancel() {
      isCancelled = true;
    },
  });
  return { source, cancelled: () => isCancelled };
}

/** What a rejection or an exception holds: code and offset of a FormatError; any other error passes through. */
async function verdict(read: () => unknown): Promise<string> {
  try {
    await read();
  } catch (error) {
    if (error instanceof FormatError) return `${error.code} at ${error.offset}`;
    throw error;
  }
  return "accepted";
}

const rejection = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "nothing was thrown",
    (error: unknown) => error,
  );

stream("reads from a stream in chunks of any size what parse reads from the bytes", async () => {
  const expected = parse(SMALL);
  for (const size of [1, 2, 7, 8, 9, 64, 1000]) {
    const read = await parseStream(chunked(SMALL, size).source);
    assert.equal(read, expected, `chunks of ${size}`);
    assert.equal([...read.tensors.keys()], [...expected.tensors.keys()]);
  }
});

stream("reads a Blob, a File, a Response and a Response without a body", async () => {
  const expected = parse(SMALL);
  assert.equal(await parseStream(new Blob([SMALL])), expected);
  assert.equal(await parseStream(new File([SMALL], "model.safetensors")), expected);
  assert.equal(await parseStream(new Response(SMALL)), expected);
  assert.is(await verdict(() => parseStream(new Response(null))), "HeaderTooSmall at 0");
});

stream("refuses what parse refuses, with the same code at the same byte, and cancels the source", async () => {
  for (const [, what, bytes] of MALFORMED) {
    const expected = await verdict(() => parse(bytes));
    const { source } = chunked(bytes, 5);
    assert.is(await verdict(() => parseStream(source)), expected, what);
    assert.is(await verdict(() => parseStream(new Blob([Uint8Array.from(bytes)]))), expected, `${what}, as a Blob`);
  }
  const { source, cancelled } = chunked(file('{"a":[]}', 100_000), 10);
  assert.is(await verdict(() => parseStream(source)), "InvalidHeaderDeserialization at 13");
  assert.ok(cancelled());
});

stream("refuses every cut and every surplus, as parse does", async () => {
  for (let n = 0; n < SMALL.length; n++)
    assert.is(
      await verdict(() => parseStream(chunked(SMALL.slice(0, n), 11).source)),
      await verdict(() => parse(SMALL.slice(0, n))),
    );
  const longer = new Uint8Array(SMALL.length + 9);
  longer.set(SMALL);
  for (const size of [3, SMALL.length, longer.length])
    assert.is(
      await verdict(() => parseStream(chunked(longer, size).source)),
      `MetadataIncompleteBuffer at ${SMALL.length}`,
    );
});

stream("checks the header before it reads data", async () => {
  let chunks = 0;
  const source = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        // Data without end: whoever reads it all never comes back.
        controller.enqueue(chunks++ === 0 ? file(`{"a":${A},"b":${A}}`) : new Uint8Array(1000));
      },
    },
    { highWaterMark: 0 },
  );
  assert.is(await verdict(() => parseStream(source)), `InvalidOffset at ${8 + 6 + A.length}`);
  assert.is(chunks, 1);
});

stream("gives no room to 4 TB that a header claims and the stream has not", async () => {
  const bytes = file(`{"a":${f32("[1099511627776]", 0, 4398046511104)}}`, 12);
  assert.is(await verdict(() => parseStream(chunked(bytes, 16).source)), `MetadataIncompleteBuffer at ${bytes.length}`);
});

stream("reads a tensor larger than the room that it gives at first", async () => {
  const n = 2 ** 27 + 5;
  const header = `{"a":{"dtype":"U8","shape":[${n}],"data_offsets":[0,${n}]}}`;
  const piece = Uint8Array.from({ length: 2 ** 20 }, (_, i) => i % 251);
  let left = n;
  const source = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(file(header)),
    pull(controller) {
      if (left === 0) return controller.close();
      controller.enqueue(piece.subarray(0, left));
      left -= Math.min(left, piece.length);
    },
  });
  const { data } = (await parseStream(source)).tensors.get("a") ?? {};
  assert.ok(data instanceof Uint8Array && data.length === n);
  for (const i of [0, 1, 2 ** 20 - 1, 2 ** 20, 2 ** 27 - 1, 2 ** 27, 2 ** 27 + 4])
    assert.is(data[i], (i % 2 ** 20) % 251);
});

stream("takes requireFinite as parse does: the first tensor of the header is named", async () => {
  const nan = new Float32Array([Number.NaN]);
  const header = `{"b":${f32("[1]", 4, 8)},"a":${f32("[1]", 0, 4)}}`;
  const bytes = file(header, 8);
  bytes.set(new Uint8Array(nan.buffer), bytes.length - 8);
  bytes.set(new Uint8Array(nan.buffer), bytes.length - 4);
  const expected = `NonFinite at ${bytes.length - 4}`;
  assert.is(await verdict(() => parse(bytes, { requireFinite: true })), expected);
  assert.is(await verdict(() => parseStream(new Blob([bytes]), { requireFinite: true })), expected);
  assert.is(await verdict(() => parseStream(new Blob([bytes]))), "accepted");
});

stream("passes on what the stream fails with, and names answers that are no file", async () => {
  const broken = new ReadableStream<Uint8Array>({
    start: (controller) => controller.error(new RangeError("the cable is cut")),
  });
  const error = await rejection(parseStream(broken));
  assert.ok(error instanceof RangeError && error.message === "the cable is cut");
  const missing = await rejection(parseStream(new Response("no", { status: 404, statusText: "Not Found" })));
  assert.ok(missing instanceof DataError && missing.message.includes("answered 404 Not Found"));
});

stream("refuses sources that are none, and chunks that are no bytes", async () => {
  for (const source of [SMALL, null, "model.safetensors", {}])
    assert.instance(await rejection(parseStream(source as unknown as Blob)), TypeError);
  const text = new ReadableStream({
    start(controller) {
      controller.enqueue("text");
      controller.close();
    },
  });
  assert.instance(await rejection(parseStream(text)), TypeError);
});

stream("writes as a stream the bytes that serialize gives, in chunks of up to a mebibyte", async () => {
  const tensors: [string, SafeTensorInput][] = [
    ["large", { dtype: "U8", shape: [2_500_000], data: new Uint8Array(2_500_000).fill(3) }],
    ["none", { dtype: "F32", shape: [0], data: new Float32Array(0) }],
    ["a", { dtype: "float32", shape: [2], data: new Float32Array([1, 2]) }],
  ];
  const sizes: number[] = [];
  const written: Uint8Array<ArrayBuffer>[] = [];
  const reader = serializeStream(tensors, { k: "v" }).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    sizes.push(part.value.length);
    written.push(part.value);
  }
  const bytes = new Uint8Array(await new Blob(written).arrayBuffer());
  assert.equal(bytes, serialize(tensors, { k: "v" }));
  assert.ok(Math.max(...sizes) === 2 ** 20);
  assert.equal(await parseStream(serializeStream(tensors)), parse(serialize(tensors)));
  assert.throws(
    () => serializeStream([["__metadata__", { dtype: "U8", shape: [0], data: new Uint8Array(0) }]]),
    (error: unknown) => error instanceof RangeError,
  );
});

stream.run();
