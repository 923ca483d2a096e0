// Runs test files of the repository in a place, for rows that the tests hold already.
import { bundleTests, findTests } from "../../../scripts/testBundle.mjs";
import { runIn } from "../../../scripts/testPlaces.mjs";

/** What the places compute on. */
const SETTINGS = {
  "node-only": { platform: "node" },
  "node threads": { threads: 2 },
  "node webgpu": { device: "webgpu" },
  "deno webgpu": { device: "webgpu" },
  "chromium webgpu": { device: "webgpu" },
};

/**
 * Runs the test files whose paths hold one of `filters` in a place, and adds their tests to a tally.
 *
 * @param filters parts of paths, such as "ops/golden"
 * @param place a name of `PLACES` in scripts/testPlaces.mjs
 */
export async function runTests(t, filters, place) {
  const files = filters.flatMap((filter) => [...new Set(Object.values(findTests(filter)).flat())]);
  const name = `reliability-${filters.join("-").replaceAll(/\W+/g, "-")}-${place.replaceAll(" ", "-")}`;
  const bundle = await bundleTests(name, files, SETTINGS[place]);
  const { total, passed, failed, details } = await runIn(place, bundle);
  t.add(passed, total, failed > 0 ? `${place}: ${details}` : undefined);
}
