import { createReadStream, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";

const HTML = "text/html; charset=utf-8";
const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": HTML,
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".wgsl": "text/plain; charset=utf-8",
};

/** With these a page is cross-origin isolated: exact clocks, and memory that workers share. */
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
};

/** Paths that belong to the runner, beside the page's own files. */
export const DATA_PATH = "/.torchlet/data";
export const BLANK_PATH = "/.torchlet/blank";

/** What is served. */
export interface Site {
  /** Folder of the page's files, if the page is a file. */
  readonly root: string | undefined;
  /** A folder that the page may read below `DATA_PATH`. */
  readonly data: string | undefined;
  /** An origin besides our own whose pages may read the data. */
  readonly origin: string | undefined;
}

/** A server that runs. */
export interface Server {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly close: () => void;
}

/**
 * Serves a site to this machine alone, on a free port, with cross-origin isolation. `BLANK_PATH` is a page that imports the
 * module its query names (`?/main.js`), or none.
 */
export async function serve(site: Site): Promise<Server> {
  let host = "";
  const server = createServer((request, response) => {
    // Another name for this address means that a stranger's page asks (DNS rebinding).
    if (request.headers.host === host) answer(site, request, response);
    else response.writeHead(403).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  host = `127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://${host}`, close };
}

function answer(site: Site, request: IncomingMessage, response: ServerResponse): void {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, ISOLATION).end();
    return;
  }
  const { pathname, search } = new URL(request.url ?? "/", "http://127.0.0.1");
  if (pathname === BLANK_PATH) {
    response.writeHead(200, { ...ISOLATION, "Content-Type": HTML }).end(blankPage(search.slice(1)));
    return;
  }
  const file = fileOf(site, pathname);
  const status = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false });
  const headers = { ...ISOLATION, ...sharing(site, pathname) };
  if (file === undefined || !status?.isFile()) {
    response.writeHead(404, headers).end("not found");
    return;
  }
  const type = TYPES[extname(file)] ?? "application/octet-stream";
  response.writeHead(200, { ...headers, "Content-Type": type, "Content-Length": status.size });
  if (request.method === "HEAD") response.end();
  else
    createReadStream(file)
      .on("error", () => response.destroy())
      .pipe(response);
}

/** The file that a path names, or undefined. The leading slash keeps `..` from leading out of a folder. */
function fileOf({ root, data }: Site, pathname: string): string | undefined {
  const path = decodedPath(pathname);
  if (path === undefined) return undefined;
  if (path.startsWith(`${DATA_PATH}/`)) return data && join(data, path.slice(DATA_PATH.length));
  return root && join(root, path.endsWith("/") ? `${path}index.html` : path);
}

function decodedPath(pathname: string): string | undefined {
  try {
    const path = normalize(decodeURIComponent(pathname)).replaceAll("\\", "/");
    return path.startsWith("/") && !path.includes("\0") ? path : undefined;
  } catch {
    return undefined;
  }
}

function sharing({ origin }: Site, pathname: string): Readonly<Record<string, string>> {
  if (origin === undefined || !pathname.startsWith(DATA_PATH)) return {};
  return { "Access-Control-Allow-Origin": origin, "Cross-Origin-Resource-Policy": "cross-origin" };
}

function blankPage(module: string): string {
  const script = /^[\w./~%-]+$/.test(module) ? `<script type="module" src="${module}"></script>` : "";
  return `<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>torchlet</title>${script}`;
}
