// Trains in the demo page and takes a picture of it: `node scripts/pictures.mjs`. The others are drawn by the scripts that
// measure what they show.
import { path } from "./setup.mjs";

/** A five, through places of the pad, 0 to 1. */
const FIVE = [
  [0.66, 0.17],
  [0.39, 0.17],
  [0.36, 0.43],
  [0.5, 0.39],
  [0.62, 0.45],
  [0.67, 0.58],
  [0.64, 0.72],
  [0.52, 0.81],
  [0.38, 0.79],
  [0.31, 0.72],
];

/** The demo page in its fifth epoch of ten, after dropout went from 0.5 to 0.2, with a digit drawn. */
async function photographDemo() {
  const { openPage, SWIFTSHADER_FLAGS } = await import("./chromium.mjs");
  const { serveDemo } = await import("./demo.mjs");
  const server = await serveDemo();
  const { page, close } = await openPage(SWIFTSHADER_FLAGS, 120_000);
  const reach = async (isSo) => {
    while (!(await page.evaluate(isSo))) await new Promise((next) => setTimeout(next, 50));
  };
  try {
    await page.setViewport({ width: 1200, height: 960 });
    await page.goto(server.url);
    await reach('document.body.dataset.phase === "ready"');
    await page.click("#go");
    const box = await (await page.$("#pad")).boundingBox();
    for (const [i, [x, y]] of FIVE.entries()) {
      await page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 4 });
      if (i === 0) await page.mouse.down();
    }
    await page.mouse.up();
    await reach('document.querySelectorAll("#numbers tr").length >= 3');
    await page.$eval("#dropout", (input) => {
      input.value = "0.2";
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
    await reach(
      'document.querySelectorAll("#numbers tr").length >= 5 && /batch 1\\d\\d/.test(document.querySelector("#pace").textContent)',
    );
    await page.screenshot({ path: path("docs/images/demo.png") });
  } finally {
    close();
    server.close();
  }
}

await photographDemo();
