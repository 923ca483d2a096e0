// How bundles take the kernels in: packed by LZMA, without the tables that `src/backend/cpu/mathTables.ts` computes, as text.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { build } from "esbuild";
import lzma from "lzma";
import { path } from "./setup.mjs";

/** What src/io/lzma.ts expects before the size: lc = 3, lp = 0, pb = 2. */
const PROPERTIES = 0x5d;
const HEADER_BYTES = 13;

/** A module of `src/`, which Node 20 cannot import as it is. */
async function importSource(file) {
  const { outputFiles } = await build({ entryPoints: [path(file)], bundle: true, format: "esm", write: false });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
}

const doubles = (...values) => Buffer.from(Float64Array.from(values).buffer);

/** Where the tables lie: each is found by the start of its second piece, which stands in ARM's sources. */
function findTables(wasm) {
  const find = (piece, bytes) => {
    const at = wasm.indexOf(bytes);
    if (at < 0 || wasm.indexOf(bytes, at + 1) >= 0) throw new Error("the kernels hold no table of exp, log or pow");
    return at - piece;
  };
  const bits = (...words) => Buffer.from(BigUint64Array.from(words).buffer);
  return {
    exp: find(16, bits(0x3c9b3b4f1a88bf6en, 0x3feff63da9fb3335n)),
    log: find(16, bits(0x3ff713786a2ce91fn, 0xbfd76feec20d0000n)),
    logParts: find(16, bits(0x3fe63000034db495n, 0x3c8dbfea48005d41n)),
    pow: find(32, Buffer.concat([doubles(1.40625, 0), bits(0xbfd5d1bdbf580800n)])),
  };
}

/** The file with zeros for all that `fillMathTables` computes. */
function withoutTables(wasm, { exp, log, logParts, pow }) {
  const bytes = Uint8Array.from(wasm);
  for (let k = 1; k < 128; k++) {
    bytes.fill(0, exp + 16 * k, exp + 16 * k + 16);
    bytes.fill(0, log + 16 * k + 8, log + 16 * k + 16);
    bytes.fill(0, logParts + 16 * k, logParts + 16 * k + 16);
    bytes.fill(0, pow + 32 * k + 16, pow + 32 * k + 32);
  }
  return bytes;
}

/** Bytes as `unpackText` of src/init/packedKernels.ts reads them: a letter for six bits below 36, else for seven. */
function packText(bytes) {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  const bitsAt = (at, count) => Number.parseInt(bits.slice(at, at + count).padEnd(count, "0"), 2);
  let text = "";
  for (let at = 0; at < bits.length; ) {
    const isShort = bitsAt(at, 6) < 36;
    text += String.fromCharCode(35 + (isShort ? bitsAt(at, 6) : bitsAt(at, 7) - 36));
    at += isShort ? 6 : 7;
  }
  return text.replaceAll("<", " ").replaceAll("\\", "!");
}

/** `{ data, size, tables }` as src/init/packedKernels.ts unpacks it; it is unpacked here too, and must give the same file. */
async function packKernels(wasm) {
  const tables = findTables(wasm);
  const packed = Uint8Array.from(lzma.LZMA().compress(withoutTables(wasm, tables), 9));
  if (packed[0] !== PROPERTIES) throw new Error(`the packer chose properties ${packed[0]}, not ${PROPERTIES}`);
  const kernels = { data: packText(packed.subarray(HEADER_BYTES)), size: wasm.length, tables };
  const { unpackKernels } = await importSource("src/init/packedKernels.ts");
  if (!wasm.equals(unpackKernels(kernels))) throw new Error("the packed kernels unpack to something else");
  return kernels;
}

let last = { hash: "", contents: "" };

/** An esbuild plugin for `import kernels from "./kernels.wasm"`. */
export const kernels = {
  name: "kernels",
  setup(build) {
    build.onLoad({ filter: /\.wasm$/ }, async ({ path }) => {
      const wasm = readFileSync(path);
      const hash = createHash("sha256").update(wasm).digest("hex");
      if (hash !== last.hash) last = { hash, contents: JSON.stringify(await packKernels(wasm)) };
      return { contents: last.contents, loader: "json" };
    });
  },
};
