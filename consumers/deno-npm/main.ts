import * as torchlet from "torchlet";
import * as again from "npm:torchlet";
import { train } from "./train.ts";

if (torchlet.init !== again.init) throw new Error("the package was loaded twice");
const report = await train(() => {});
const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", report.weights));
const weights = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
console.log(JSON.stringify({ ...report, weights }));
