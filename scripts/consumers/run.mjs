// Tries fixtures one after the other.
import { APPS } from "./apps.mjs";
import { closeBrowser } from "./pages.mjs";
import { PROGRAMS } from "./programs.mjs";
import { installFixture, openWorkshop } from "./workshop.mjs";

export const FIXTURES = [...PROGRAMS, ...APPS];

/** The one whose weights all others must have. */
const FIRST = "node";

/**
 * Packs the package and tries each fixture in a folder of its own outside the repository.
 *
 * @param names of fixtures; the first of all is tried before them
 * @param options `quick` takes tools from the repository and downloads nothing; `onResult` is called with
 * `{ name, note, error, seconds }` of each as it ends
 */
export async function runFixtures(names, { quick = false, onResult }) {
  const workshop = await openWorkshop();
  try {
    const { filename, entryCount, size } = workshop.packed;
    onResult({ name: "pack", note: `${filename}, ${entryCount} files, ${Math.round(size / 1000)} kB` });
    for (const fixture of FIXTURES) {
      if (fixture.name !== FIRST && !names.includes(fixture.name)) continue;
      const start = performance.now();
      const inSeconds = () => (performance.now() - start) / 1000;
      try {
        const app = await installFixture(workshop, fixture, !quick);
        onResult({ name: fixture.name, note: await fixture.test(app), seconds: inSeconds() });
      } catch (error) {
        onResult({ name: fixture.name, error, seconds: inSeconds() });
      }
      workshop.clear(fixture.name); // tools are large
    }
  } finally {
    await closeBrowser();
    workshop.close();
  }
}
