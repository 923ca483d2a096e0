// Runs one row for scripts/reliabilityRows.mjs: `child.mjs test/reliability/r7.mjs [--cut]`, the result goes to the parent.
process.on("SIGTERM", () => process.exit(1));
const [file, ...options] = process.argv.slice(2);
const { row } = await import(new URL(`../../../${file}`, import.meta.url).href);
const result = await row({ cut: options.includes("--cut") });
process.send?.(result, () => process.exit(0)); // whatever the row has left open ends with it
