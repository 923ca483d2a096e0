// Draws the README's badges from what is so: `node scripts/badges.mjs`. With `--check` it fails where one says what is not.
import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { path } from "./setup.mjs";
import { PLACES } from "./testPlaces.mjs";

const SANS = "Verdana,DejaVu Sans,Geneva,sans-serif";
/** Widths of letters at 11 px: narrow, wide, others; the picture stretches text by the little they are wrong. */
const NARROW = /[ijlrtfI.,: ]/;
const WIDE = /[mwMW]/;
const widthOf = (letter) => (NARROW.test(letter) ? 4.3 : WIDE.test(letter) ? 9.8 : 7);
const PADDING = 8;
const KILOBYTE = 1000;
const STEP = 5;

const { dependencies = {}, engines, license } = JSON.parse(readFileSync(path("package.json"), "utf8"));

/** Kilobytes of all that the main entry exports, shaders and kernels included, minified and gzipped. */
async function kilobytes() {
  const { outputFiles } = await build({
    entryPoints: [path("build/index.js")],
    bundle: true,
    minify: true,
    format: "esm",
    external: ["webgpu"],
    write: false,
    logLevel: "error",
  });
  return outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0) / KILOBYTE;
}

/** Where the tests run: `chromium webgpu` is Chromium, `node-only` Node. */
const places = new Set(Object.keys(PLACES).map((name) => name.replace(/[- ].*/, "")));
const title = (name) => name[0].toUpperCase() + name.slice(1);

/** Each badge: its name, its left side, its right side, and whether a right side is true. */
async function facts() {
  const size = await kilobytes();
  const tested = ["node", "deno", "bun", "chromium", "firefox"].filter((place) => places.has(place)).map(title);
  return [
    ["dependencies", "dependencies", String(Object.keys(dependencies).length)],
    // A bound, rounded up: it stays true while the package shrinks.
    [
      "size",
      "minified, gzip",
      `< ${Math.ceil(size / STEP) * STEP} kB`,
      (text) => size < Number.parseInt(text.slice(2), 10),
    ],
    [
      "tested",
      "tested in",
      tested.join(", "),
      (text) => text.split(", ").every((name) => places.has(name.toLowerCase())),
    ],
    ["node", "Node", engines.node],
    ["licence", "licence", license],
  ];
}

const escapeMarkup = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function draw(left, right) {
  const [a, b] = [left, right].map((text) =>
    Math.round(Array.from(text, widthOf).reduce((x, y) => x + y, 2 * PADDING)),
  );
  const side = (text, x, width) =>
    `<text x="${x + PADDING}" y="14" textLength="${width - 2 * PADDING}" lengthAdjust="spacingAndGlyphs">${escapeMarkup(text)}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${a + b}" height="20" role="img" aria-label="${escapeMarkup(`${left}: ${right}`)}">`,
    `<title>${escapeMarkup(`${left}: ${right}`)}</title><clipPath id="r"><rect width="${a + b}" height="20" rx="3"/></clipPath>`,
    `<g clip-path="url(#r)"><rect width="${a}" height="20" fill="#444a54"/><rect x="${a}" width="${b}" height="20" fill="#2f66ad"/></g>`,
    `<g fill="#fff" font-family="${SANS}" font-size="11">${side(left, 0, a)}${side(right, a, b)}</g></svg>\n`,
  ].join("");
}

for (const [name, left, right, isTrue] of await facts()) {
  const file = path(`docs/images/badge-${name}.svg`);
  if (!process.argv.includes("--check")) {
    writeFileSync(file, draw(left, right));
    continue;
  }
  const [, shown = ""] = /<title>[^<]*: ([^<]*)<\/title>/.exec(readFileSync(file, "utf8")) ?? [];
  const text = shown.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  if (isTrue ? !isTrue(text) : text !== right)
    throw new Error(`the badge "${left}" says ${text}, but it is ${right}: run node scripts/badges.mjs`);
}
process.exit(0);
