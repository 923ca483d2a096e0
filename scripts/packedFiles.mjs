import { spawnSync } from "node:child_process";

/** The files that `npm pack` would put into the package in a folder, sorted. */
export function packedFiles(folder) {
  const args = ["pack", "--dry-run", "--json", "--ignore-scripts", "--loglevel=error"];
  const { status, stdout, stderr, error } = spawnSync("npm", args, {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`npm pack: ${error?.message ?? stderr}`);
  return JSON.parse(stdout)[0]
    .files.map(({ path }) => path)
    .sort();
}
