import { train } from "./train.js";

// Only an isolated page may share memory with threads; `?threads=2` asks for two.
const threads = new URLSearchParams(location.search).get("threads");

train({ init: threads ? { threads: Number(threads) } : {} }).then((report) => {
  document.querySelector("output").textContent = JSON.stringify(report);
});
