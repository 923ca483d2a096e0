import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".wgsl": "text/plain; charset=utf-8",
};

/** With these a page is cross-origin isolated: shared memory can be posted to its workers. */
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
};

const BLANK_PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>torchlet</title>`;

/**
 * Serves the files below `root` to this machine alone, with cross-origin isolation. `/` is `index.html` where `root` has one, else
 * a blank page.
 *
 * @param options `port` (a free one unless given), more `headers`, `isolated` (true), and `folders` elsewhere by the paths they are served at
 * @returns `{ url, close() }`, `url` without a trailing slash
 */
export async function serve(root, { port = 0, headers = {}, isolated = true, folders = {} } = {}) {
  const site = { root, headers: { ...(isolated && ISOLATION), "Cache-Control": "no-store", ...headers }, folders };
  const server = createServer((request, response) => answer(site, request, response));
  await new Promise((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${server.address().port}`, close };
}

function answer({ root, headers, folders }, request, response) {
  if (request.method !== "GET" && request.method !== "HEAD") return response.writeHead(405, headers).end();
  const name = filePath(request.url ?? "/");
  const [at, folder] = Object.entries(folders).find(([path]) => name?.startsWith(`${path}/`)) ?? ["", root];
  const file = join(folder, name === "/" ? "index.html" : (name ?? "").slice(at.length));
  const status = name === null ? undefined : statSync(file, { throwIfNoEntry: false });
  if (name === "/" && !status?.isFile())
    return response.writeHead(200, { ...headers, "Content-Type": TYPES[".html"] }).end(BLANK_PAGE);
  if (!status?.isFile()) return response.writeHead(404, headers).end("not found");
  const type = TYPES[extname(file)] ?? "application/octet-stream";
  response.writeHead(200, { ...headers, "Content-Type": type, "Content-Length": status.size });
  if (request.method === "HEAD") return response.end();
  createReadStream(file)
    .on("error", () => response.destroy())
    .pipe(response);
}

/** The path a URL names, or null where it is malformed. The leading slash keeps `..` from leading out of the root. */
function filePath(url) {
  try {
    const name = normalize(decodeURIComponent(new URL(url, "http://localhost").pathname));
    return name.startsWith("/") && !name.includes("\0") ? name : null;
  } catch {
    return null;
  }
}
