import { build } from "esbuild";
import type { Browser, Page } from "puppeteer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { chromiumScript } from "../support/demoPage.ts";

interface Place {
  browser: Browser;
  url: string;
  close(): void;
}

/** What a page has ended with: where it went on, and the weights. */
interface End {
  readonly resumed: { readonly epoch: number; readonly step: number; readonly exact: boolean } | null;
  readonly weights: readonly number[];
}

const closing = suite<Place>("a page that ends in mid-training");
/** The store as a module of its own, by which a test looks into a page's storage. */
const STORE = "build/test/pageStore.mjs";
closing.before(async (place) => {
  await build({ entryPoints: ["src/io/store.ts"], bundle: true, format: "esm", outfile: STORE, logLevel: "silent" });
  const { openPage } = await chromiumScript();
  const { browser, page, close } = await openPage([], 60_000);
  Object.assign(place, { browser, url: page.url(), close });
});
closing.after(({ close }) => close?.());

/** A script that trains with checkpoints every 20 of an epoch's 50 steps; `more` are options of `fit`, as text. */
const training = (name: string, epochs: number, more: string) => `(async () => {
  const [{ init, manualSeed, nn, optim, randn, readState }, { DataLoader, TensorDataset }, { fit }] = await Promise.all(
    ["index", "data", "train"].map((room) => import("/build/" + room + ".js")));
  await init({ device: "cpu" });
  manualSeed(2);
  const x = randn(400, 4);
  const loader = new DataLoader(new TensorDataset(x, x.sum(1).gt(0).to("int32")), { batchSize: 8, shuffle: true });
  const model = new nn.Sequential(new nn.Linear(4, 16), new nn.ReLU(), new nn.Dropout(0.3), new nn.Linear(16, 2));
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
  let resumed = null;
  await fit(loader, loader, model, new nn.CrossEntropyLoss(), optimizer, ${epochs}, {
    checkpoint: { to: ${JSON.stringify(name)}, everySteps: 20 },
    onResume: (info) => { resumed = info; },
    progress: false,
    ${more}
  });
  return { resumed, weights: [...(await readState(model)).values()].flatMap(({ data }) => [...data]) };
})()`;

async function newPage({ browser, url }: Place): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(url);
  return page;
}

/** The epoch of the checkpoint that is kept under a name; 0 where there is none. */
const epochOf = (page: Page, name: string): Promise<number> =>
  page.evaluate(`(async () => {
    const [{ openStore }, { parse }] = await Promise.all([import("/${STORE}"), import("/build/safetensors.js")]);
    const bytes = await openStore(${JSON.stringify(name)}).read();
    return bytes ? JSON.parse(parse(bytes).metadata.get("torchlet.checkpoint")).run.epoch : 0;
  })()`) as Promise<number>;

for (const [how, end] of [
  ["is closed", (page: Page) => page.close()],
  ["is left for another one", (page: Page) => page.goto(`${page.url()}?another`)],
] as const)
  closing(`one that ${how} leaves a checkpoint from which another page ends in the same bits`, async (place) => {
    const first = await newPage(place);
    const watching = await newPage(place);
    // It never ends by itself.
    first.evaluate(training(how, 1e6, "")).catch(() => undefined);
    while ((await epochOf(watching, how)) < 2) await new Promise((next) => setTimeout(next, 20));
    await end(first);
    // How far it came until it was gone.
    const epochs = (await epochOf(watching, how)) + 1;
    const second = await newPage(place);
    const { resumed, weights } = (await second.evaluate(training(how, epochs, "resume: true"))) as End;
    assert.ok(resumed?.exact && resumed.epoch === epochs - 1, JSON.stringify(resumed));
    const whole = (await second.evaluate(training("undisturbed", epochs, ""))) as End;
    assert.equal(weights, whole.weights);
  });

closing.run();
