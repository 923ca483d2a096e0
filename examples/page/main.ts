import { main as dropout } from "../dropout.ts";
import { main as mnist } from "../mnist.ts";

const output = document.querySelector("pre");
console.log = (...values: unknown[]) => {
  if (output) output.textContent += `${values.join(" ")}\n`;
};

const query = new URLSearchParams(location.search);
try {
  if (query.get("example") === "dropout") await dropout();
  else
    await mnist(
      query.get("data") ?? "datasets",
      Number(query.get("epochs") ?? 10),
      query.get("device") === "webgpu" ? "webgpu" : "auto",
    );
  document.title = "done";
} catch (error) {
  console.log(String(error));
  document.title = "failed";
}
