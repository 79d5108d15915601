import { type FolderLock, tryLock } from "../../src/practice/folder-lock.ts";

/** Tries to lock each folder that it is sent, keeps what it got, and tells whether it did. */
const held: (FolderLock | undefined)[] = [];

process.on("message", (folder: string) => {
  const lock = tryLock(folder, { create: true });
  held.push(lock);
  process.send?.(lock !== undefined);
});
