import assert from "node:assert/strict";
import { test } from "node:test";
import { trainHeadless } from "torchlet/headless";
import { train } from "./train.js";

const page = new URL("page.html", import.meta.url);

test("the page learns, and its weights are those of a run in Node", async () => {
  const losses = [];
  const { result } = await trainHeadless({
    page,
    args: { epochs: 3 },
    device: "cpu",
    progress: false,
    onEpoch: ({ trainLoss }) => losses.push(trainLoss),
  });
  assert.equal(losses.length, 3);
  assert.ok(losses[2] < losses[0] / 2, `the losses are ${losses}`);
  assert.deepEqual(result.loss, losses);
  assert.equal(result.device, "cpu");
  assert.equal(result.weights, (await train()).weights);
});

test("what fails in the page fails here, with the error's type", async () => {
  const wrong = { page, args: { init: { threads: 1000 } }, device: "cpu", progress: false };
  await assert.rejects(trainHeadless(wrong), { name: "DeviceError" });
});

test("a page that is not there is named", async () => {
  await assert.rejects(trainHeadless({ page: "no-such-page.html" }), { message: /no-such-page\.html/ });
});
