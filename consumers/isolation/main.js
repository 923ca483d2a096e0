import { train } from "./train.js";

// Threads share memory, which only an isolated page may: `?threads=2` asks for two.
const threads = Number(new URLSearchParams(location.search).get("threads") ?? 1);

train({ init: { threads } })
  .catch(({ name, message }) => ({ error: { name, message } }))
  .then((report) => {
    document.querySelector("output").textContent = JSON.stringify(report);
  });
