import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Every file below the given folders of `root`, as absolute paths. */
export function globSync(root, folders, suffix = "") {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(suffix))
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name)),
  );
}
