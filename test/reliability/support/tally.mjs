// Counts what a row tries.
const KEPT_FAILURES = 20;

/**
 * Counts tries and keeps the sentences of those that failed.
 *
 * @returns `try(sentence, work)` which passes where `work` neither throws nor gives false; `add` for tries counted elsewhere; `result(note)` what
 * a row returns
 */
export function tally() {
  const failures = [];
  let [passed, tried] = [0, 0];
  return {
    async try(sentence, work) {
      tried++;
      try {
        const verdict = await work();
        if (verdict === false) failures.push(sentence);
        else passed++;
        return verdict;
      } catch (error) {
        failures.push(`${sentence}: ${error?.message ?? error}`);
        return undefined;
      }
    },
    /** Tries that were counted elsewhere. */
    add(passedThere, triedThere, failure) {
      passed += passedThere;
      tried += triedThere;
      if (failure !== undefined) failures.push(failure);
    },
    result(note) {
      const more = failures.length - KEPT_FAILURES;
      const told = more > 0 ? [...failures.slice(0, KEPT_FAILURES), `and ${more} more`] : failures;
      return { passed, tried, note, failures: told };
    },
  };
}

/** Throws unless both are the same as JSON. */
export function same(got, expected, what = "got") {
  const [one, other] = [got, expected].map((value) => JSON.stringify(value));
  if (one !== other) throw new RangeError(`${what} ${one}, expected ${other}`);
}

/** The same of SHA-256 in hexadecimal: a run that told none, but why or nothing, ended nowhere. */
export function sameHash(got, expected, what = "got") {
  for (const each of [expected, got])
    if (!/^[0-9a-f]{64}$/.test(each)) throw new RangeError(`a run told no hash but ${each}`);
  same(got, expected, what);
}

/** Throws unless a condition holds. */
export function ensure(condition, sentence) {
  if (!condition) throw new RangeError(sentence);
}
