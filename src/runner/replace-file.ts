import { chmod, chown, realpath, rename, rm, stat, writeFile } from "node:fs/promises";

/**
 * Replaces what a file holds, whole or not at all. What the path links to is replaced, not the
 * link, and mode and owner stay, even those of a file that may only be read.
 *
 * @throws the system's error, with `path`; then the file is as it was
 */
export async function replaceFile(path: string, content: string): Promise<void> {
  let part: string | undefined;
  try {
    const target = await realpath(path).catch(() => path);
    part = `${target}.${process.pid}.part`;
    const before = await stat(target).catch(() => undefined);
    await writeFile(part, content, { mode: before ? before.mode & 0o777 : 0o666 });
    if (before) {
      // Who may not give files away keeps this one.
      if (process.getuid?.() === 0) await chown(part, before.uid, before.gid);
      // The mask of the process took from the mode what it always takes.
      await chmod(part, before.mode & 0o7777);
    }
    await rename(part, target);
  } catch (error) {
    if (part) await rm(part, { force: true });
    throw Object.assign(error as NodeJS.ErrnoException, { path });
  }
}
