// The driver's half of the benchmark's protocol: one child process per peer, asked one command at a time.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const KEPT_STDERR = 4000;
const SECONDS_TO_STOP = 20;

/** Asked to end, not killed: one that has a browser closes it. */
const running = new Set();
process.on("exit", () => running.forEach((child) => void child.kill()));

/** Starts a peer and resolves with it once it has said its name; rejects with its last words if it ends before that. */
export async function startPeer({ label, command, args, env, seconds }) {
  const child = spawn(command, args, { env, stdio: ["pipe", "pipe", "pipe"] });
  running.add(child);
  child.on("close", () => running.delete(child));
  const answers = readAnswers(child);
  const ask = (line, limit) => {
    child.stdin.write(`${line}\n`);
    return withLimit(answers.next(), limit, `${label}: "${line}"`, child);
  };
  const hello = await withLimit(answers.next(), seconds, `${label}: start`, child);
  const stop = async () => {
    if (!running.has(child)) return;
    const closed = once(child, "close");
    child.stdin.end();
    await withLimit(closed, SECONDS_TO_STOP, `${label}: stop`, child);
  };
  return { label, ...hello, ask, stop };
}

/** Answers in the order they come; the end of the child rejects whatever is still awaited. */
function readAnswers(child) {
  let waiting;
  let lastWords = "";
  let ended;
  const fail = (reason) => {
    ended = new Error(reason);
    waiting?.reject(ended);
  };
  child.stderr.on("data", (text) => {
    lastWords = (lastWords + text).slice(-KEPT_STDERR);
  });
  child.stdin.on("error", () => {}); // a child that has ended is reported by `close`
  child.on("error", (error) => fail(error.message));
  child.on("close", (code) => fail(summarise(lastWords) || `ended with exit code ${code}`));
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (line.startsWith("bench ")) waiting?.resolve(JSON.parse(line.slice(6)));
  });
  return {
    next() {
      if (ended) return Promise.reject(ended);
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
      });
    },
  };
}

/** The line of an error report that names the error, or its last line. */
function summarise(text) {
  const lines = text.split("\n").filter((line) => line.trim());
  return (lines.find((line) => /^\w*Error\b.*:/.test(line.trim())) ?? lines.at(-1) ?? "").trim();
}

async function withLimit(promise, seconds, what, child) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => {
      child.kill();
      reject(new Error(`${what} took longer than ${seconds} s`));
    }, seconds * 1000);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
