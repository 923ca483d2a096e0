import { train } from "./train.js";

train().then((report) => {
  document.querySelector("output").textContent = JSON.stringify(report);
});
