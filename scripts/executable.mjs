// Finds programs that the scripts start.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** True for a file that this process may run. */
export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The first of `given` (paths, or undefined) that can be run, else the first of `names` on the PATH, else undefined. */
export function findExecutable(given, names) {
  const { PATH = "" } = process.env;
  const onPath = names.flatMap((name) => PATH.split(delimiter).map((folder) => join(folder, name)));
  return [...given, ...onPath].find((file) => file && isExecutable(file));
}
