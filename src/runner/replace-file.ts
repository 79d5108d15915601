import { chmod, chown, realpath, rename, rm, stat, writeFile } from "node:fs/promises";

/**
 * Replaces a file's content atomically. A symbolic link is followed; mode and owner are kept, also
 * of a read-only file.
 *
 * @throws the system's error, with `path`; the file is then unchanged
 */
export async function replaceFile(path: string, content: string): Promise<void> {
  let part: string | undefined;
  try {
    const target = await realpath(path).catch(() => path);
    part = `${target}.${process.pid}.part`;
    const before = await stat(target).catch(() => undefined);
    await writeFile(part, content, { mode: before ? before.mode & 0o777 : 0o666 });
    if (before) {
      // Only root may change a file's owner.
      if (process.getuid?.() === 0) await chown(part, before.uid, before.gid);
      // `open` applied the process's umask.
      await chmod(part, before.mode & 0o7777);
    }
    await rename(part, target);
  } catch (error) {
    if (part) await rm(part, { force: true });
    throw Object.assign(error as NodeJS.ErrnoException, { path });
  }
}
