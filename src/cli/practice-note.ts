import { existsSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** In a folder of notebooks: a file with the path of the running practice cloud's settings file. */
const NOTE = join(".notelake", "practice");

/** Records for other processes which practice cloud runs here. Returns how to delete it. */
export async function notePractice(
  folder: string,
  settingsFile: string,
): Promise<() => Promise<void>> {
  const file = join(folder, NOTE);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, settingsFile);
  return () => rm(file, { force: true });
}

/** The settings file of the practice cloud that runs for a folder or one of its parents. */
export function notedPractice(folder: string): string | undefined {
  try {
    const settingsFile = readFileSync(join(folder, NOTE), "utf8");
    if (existsSync(settingsFile)) return settingsFile;
  } catch {
    // None runs here.
  }
  const parent = dirname(folder);
  return parent === folder ? undefined : notedPractice(parent);
}
