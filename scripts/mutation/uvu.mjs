// Takes uvu's place in the bundles: the same suites, run until the first failure, those that name what was touched first.

const SPEAKS = "MUTATION ";
const files = [];

const say = (message) => console.log(SPEAKS + JSON.stringify(message));
const leave = (message, code) => {
  say(message);
  process.exit(code);
};

/** A suite as uvu has it; `only` and `skip` have no place in the package. */
export function suite(name = "", state = {}) {
  const tests = [];
  const hooks = { before: [], after: [], beforeEach: [], afterEach: [] };
  const test = (title, handler) => tests.push({ title, handler });
  const into = (list) => (handler) => list.push(handler);
  test.before = Object.assign(into(hooks.before), { each: into(hooks.beforeEach) });
  test.after = Object.assign(into(hooks.after), { each: into(hooks.afterEach) });
  test.run = () => files.at(-1).suites.push({ name, state, tests, hooks });
  return test;
}

async function runTest({ state, hooks }, { handler }) {
  for (const hook of hooks.beforeEach) await hook(state);
  try {
    await handler(state);
  } finally {
    for (const hook of hooks.afterEach) await hook(state);
  }
}

const textOf = (error) =>
  String(error?.message ?? error)
    .split("\n")[0]
    .slice(0, 200);

async function runSuite(file, each, isChosen) {
  const chosen = each.tests.filter(isChosen);
  if (chosen.length === 0) return 0;
  let title = "(a hook of the suite)";
  try {
    for (const hook of each.hooks.before) await hook(each.state);
    for (const test of chosen) {
      title = test.title;
      await runTest(each, test);
    }
    title = "(a hook of the suite)";
    for (const hook of each.hooks.after) await hook(each.state);
  } catch (error) {
    leave({ failed: title, file, reason: textOf(error) }, 1);
  }
  return chosen.length;
}

/**
 * Loads the files and runs their tests: first those with one of the words in their titles, then, unless `narrow`, the others. Ends
 * the process at the first that fails. `narrow` and the words come as arguments.
 *
 * @param check says what is wrong before any test, if something is: then this is no change to count
 */
export async function runFiles(list, check) {
  const [narrow, ...words] = process.argv.slice(2);
  const invalid = await check?.(words);
  if (invalid) leave({ invalid }, 3);
  await loadFiles(list);
  const pattern = new RegExp(words.map((word) => `\\b${word}`).join("|"), "i");
  let count = 0;
  for (const isFirst of narrow === "narrow" ? [true] : [true, false])
    for (const { file, suites } of files)
      for (const each of suites) count += await runSuite(file, each, ({ title }) => pattern.test(title) === isFirst);
  leave({ passed: count }, 0);
}

async function loadFiles(list) {
  for (const [file, load] of list) {
    files.push({ file, suites: [] });
    try {
      await load();
    } catch (error) {
      leave({ failed: "(loads)", file, reason: textOf(error) }, 1);
    }
  }
}
