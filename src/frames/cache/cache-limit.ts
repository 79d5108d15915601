import { randomUUID } from "node:crypto";
import { appendFile, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FrameError } from "../../core/errors.ts";
import { cacheFolder } from "./cache-folder.ts";

const DEFAULT_BYTES = 4 * 2 ** 30;
/** File with the time of the last count and its bytes, then the bytes of each copy since. */
const SIZES = "sizes.txt";
/** Counts are estimates: copies in UTF-8 are added, and people remove folders. */
const COUNT_AFTER_MS = 3_600_000;

/** Limit of the cache in bytes: `NOTELAKE_CACHE_BYTES`, or 4 GiB. @throws FrameError `NO_CACHE` */
export function cacheLimit(): number {
  const named = process.env.NOTELAKE_CACHE_BYTES;
  if (!named) return DEFAULT_BYTES;
  if (/^\d+$/.test(named.trim())) return Number(named);
  throw new FrameError("NO_CACHE", `NOTELAKE_CACHE_BYTES is ${JSON.stringify(named)}`, {
    hint: `Let it be a number of bytes, such as ${DEFAULT_BYTES} for 4 GiB, or unset it.`,
  });
}

/**
 * Removes the least recently used copies once the cache is over its limit. Looking at each copy
 * takes longer than most loads: so new bytes are noted, and all are counted now and then.
 *
 * @param added bytes that were cached since the last call
 * @param inUse folders of copies that stay
 */
export async function keepWithinLimit(added: number, inUse: ReadonlySet<string>): Promise<void> {
  const notes = join(cacheFolder(), SIZES);
  await appendFile(notes, `${added}\n`, { mode: 0o600 });
  const [counted = "", ...since] = (await readFile(notes, "utf8")).split("\n");
  const [time, bytes] = counted.split(" ").map(Number);
  const isFresh = bytes !== undefined && Math.abs(Date.now() - Number(time)) < COUNT_AFTER_MS;
  const noted = since.reduce((sum, each) => sum + Number(each), bytes ?? 0);
  if (isFresh && noted <= cacheLimit()) return;
  await noteAnew(notes, await evict(cacheLimit(), inUse));
}

/** Replaces the notes atomically. */
async function noteAnew(notes: string, bytes: number): Promise<void> {
  const draft = `${notes}-${randomUUID()}`;
  await writeFile(draft, `${Date.now()} ${bytes}\n`, { mode: 0o600 });
  await rename(draft, notes);
}

/** @returns bytes of the remaining copies */
async function evict(limit: number, inUse: ReadonlySet<string>): Promise<number> {
  const root = cacheFolder();
  const copies = await Promise.all(
    // The folder may have other files.
    (await readdir(root)).filter(isCopy).map(async (name) => {
      const folder = join(root, name);
      const used = (await stat(folder).catch(() => undefined))?.mtimeMs ?? 0;
      return { folder, used, bytes: await bytesIn(folder) };
    }),
  );
  let total = copies.reduce((sum, copy) => sum + copy.bytes, 0);
  for (const copy of copies.sort((a, b) => a.used - b.used)) {
    if (total <= limit) break;
    if (inUse.has(copy.folder)) continue;
    await rm(copy.folder, { recursive: true, force: true });
    total -= copy.bytes;
  }
  return total;
}

/** Whether an entry of the cache is a copy, complete or not. */
function isCopy(name: string): boolean {
  return /^[0-9a-f]{24}(-|$)/.test(name);
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((item) => item.isFile());
  const sizes = files.map(async (file) => {
    const facts = await stat(join(file.parentPath, file.name)).catch(() => undefined);
    // A sparse file takes up less than its size.
    return facts ? Math.min(facts.size, facts.blocks ? facts.blocks * 512 : Infinity) : 0;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
