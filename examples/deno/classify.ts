// A server that knows handwritten digits: it loads what train.ts saved, and classifies the image of a POST.
//   deno run --allow-read=runs --allow-net=127.0.0.1:8000 classify.ts runs/digits.safetensors 8000
//   curl --data-binary @digit.bin -H "content-type: application/octet-stream" http://127.0.0.1:8000/
import { F, init, noGrad, tensor } from "torchlet";
import { parse } from "torchlet/safetensors";
import { DropoutModel } from "./model.ts";
import { PAGE } from "./page.ts";

const SIZE = 28;
const MOST_BYTES = 65536; // an image as JSON, indented, has less than half of that

/** Why a request is not answered, and the status that says so. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Stops reading where a body is too long, whatever its headers promised. */
async function readBody(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for await (const part of request.body ?? []) {
    bytes += part.length;
    if (bytes > MOST_BYTES) throw new Refusal(413, `expected at most ${MOST_BYTES} bytes`);
    parts.push(part);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** Bytes as they are: 784 greys, row by row, 0 the paper and 255 the ink. */
function imageOfBytes(bytes: Uint8Array): number[] {
  if (bytes.length !== SIZE * SIZE) throw new Refusal(400, `expected 784 bytes of 28 x 28 greys, got ${bytes.length}`);
  return [...bytes];
}

/** JSON: 28 rows of 28 greys, numbers from 0 to 255. */
function imageOfJson(bytes: Uint8Array): number[] {
  const expected = "expected JSON of 28 arrays of 28 numbers from 0 to 255";
  let rows: unknown;
  try {
    rows = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new Refusal(400, `${expected}: ${(cause as Error).message}`);
  }
  const isGrey = (value: unknown) => typeof value === "number" && value >= 0 && value <= 255;
  const isRow = (row: unknown) => Array.isArray(row) && row.length === SIZE && row.every(isGrey);
  if (!Array.isArray(rows) || rows.length !== SIZE || !rows.every(isRow)) throw new Refusal(400, expected);
  return rows.flat();
}

async function readImage(request: Request): Promise<number[]> {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type === "application/octet-stream") return imageOfBytes(await readBody(request));
  if (type === "application/json") return imageOfJson(await readBody(request));
  throw new Refusal(415, `expected application/octet-stream or application/json, got ${type ?? "no content-type"}`);
}

async function classify(image: number[]): Promise<{ digit: number; probabilities: number[] }> {
  const x = tensor(image, { shape: [1, 1, SIZE, SIZE] }).div(255);
  const y = noGrad(() => F.softmax(model(x), 1));
  const probabilities = Array.from(await y.data());
  return { digit: probabilities.indexOf(Math.max(...probabilities)), probabilities };
}

async function answer(request: Request): Promise<Response> {
  if (new URL(request.url).pathname !== "/") throw new Refusal(404, "expected the path /");
  if (request.method === "GET" || request.method === "HEAD")
    return new Response(PAGE, { headers: { "content-type": "text/html; charset=utf-8" } });
  if (request.method !== "POST") throw new Refusal(405, `expected GET, HEAD or POST, got ${request.method}`);
  return Response.json(await classify(await readImage(request)));
}

const [file, port = "8000"] = Deno.args;
if (file === undefined) {
  console.error("usage: classify.ts FILE.safetensors [PORT]");
  Deno.exit(2);
}
await init({ device: "cpu" }); // one image is done before a GPU has begun
const model = new DropoutModel().eval();
model.loadStateDict(parse(await Deno.readFile(file)).tensors);

Deno.serve(
  {
    hostname: "127.0.0.1",
    port: Number(port),
    onListen: (address) => console.log(`http://${address.hostname}:${address.port}/`),
  },
  (request) =>
    answer(request).catch((error) => {
      if (!(error instanceof Refusal)) throw error; // Deno logs it and answers 500
      const headers = error.status === 405 ? { allow: "GET, HEAD, POST" } : undefined;
      return Response.json({ error: error.message }, { status: error.status, headers });
    }),
);
