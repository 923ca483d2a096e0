import { train } from "./train.ts";

async function show(): Promise<void> {
  const report = await train(({ epoch, trainLoss }) => console.info(epoch, trainLoss.toFixed(3)));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", report.weights));
  const weights = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const output = document.querySelector("output");
  if (output) output.textContent = JSON.stringify({ ...report, weights });
}

void show();
