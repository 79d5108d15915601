import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { temporaryStart } from "../../src/lake/local/new-file.ts";

/** The note of a download of a local file that is under way, or was broken off. */
export function noteBeside(localFile: string): string | undefined {
  const start = temporaryStart(basename(localFile));
  const isNote = (name: string) => name.startsWith(start) && name.endsWith(".json");
  const name = readdirSync(dirname(localFile)).find(isNote);
  return name && join(dirname(localFile), name);
}
