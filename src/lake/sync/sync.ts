import { lutimes, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { shownAsTable } from "../../core/listing.ts";
import { bytesText } from "../../core/quantity-text.ts";
import { ignoreMissing } from "../http/retry.ts";
import type { SyncOptions, SyncResult } from "../lake.ts";
import type { LocalEntry } from "../local/local-entries.ts";
import { onDisk } from "../local/local-failure.ts";
import { LocalFolders } from "../local/local-folders.ts";
import { checkLocalNames, nameRulesIn } from "../local/local-names.ts";
import { refuseManaged } from "../onelake.ts";
import { InterruptedDownloads } from "../transfer/interrupted-downloads.ts";
import type { Transfers } from "../transfer/transfers.ts";
import { joinPath, nameOf, parentOf } from "../url/location.ts";
import { planSync, type SyncChange, type SyncPlan } from "./sync-plan.ts";
import { compareBy, localSide, refuseNames, remoteSide, type SyncSides } from "./sync-sides.ts";

/** Brings a directory of the lake to the state of a folder of this machine. */
export async function syncUp(
  sides: SyncSides,
  transfers: Transfers,
  options: SyncOptions,
): Promise<SyncResult> {
  const { store, path } = sides;
  const { signal } = options;
  const [local, there] = await Promise.all([
    localSide(sides, true),
    remoteSide(sides, false, signal),
  ]);
  const remote = there ?? [];
  refuseNames(path, local);
  const differs = await compareBy(sides, { source: local, target: remote, up: true }, options);
  const plan = planSync(local, remote, { delete: options.delete ?? false, differs });
  for (const change of plan.changes) refuseManaged(store.address, joinPath(path, change.path));
  if (options.dryRun) return resultOf(plan, true);

  const files = new Map(local.map((entry) => [entry.path, entry]));
  const copies = pick(plan, "copy");
  transfers.announce(copies.map(({ size }) => size));
  await waitForNextSecond(copies, files, signal);
  const folders = pick(plan, "make folder").map((change) => joinPath(path, change.path));
  // One that is not there is made with those above it.
  const deepest = folders.filter((folder, at) => !folders[at + 1]?.startsWith(`${folder}/`));
  if (path && !there && deepest.length === 0) deepest.push(path);
  await transfers.each("write", path, deepest, (folder) => transfers.makeDirectory(folder));
  await transfers.each("write", path, copies, async (change, inner) => {
    const entry = files.get(change.path);
    if (entry) await transfers.uploadFile(entry, joinPath(path, change.path), inner);
  });
  await transfers.each("delete", path, pick(plan, "delete"), async (change, inner) => {
    await store.remove(joinPath(path, change.path), false, inner).catch(ignoreMissing);
  });
  for (const level of byDepth(pick(plan, "delete folder"))) {
    await transfers.each("delete", path, level, async (change, inner) => {
      // What came into it meanwhile is not to be deleted.
      await store.remove(joinPath(path, change.path), false, inner).catch(ignoreFilled);
    });
  }
  return resultOf(plan, false);
}

/** Brings a folder of this machine to the state of a directory of the lake. */
export async function syncDown(
  sides: SyncSides,
  transfers: Transfers,
  options: SyncOptions,
): Promise<SyncResult> {
  const { path, localPath } = sides;
  const [local, remote = []] = await Promise.all([
    localSide(sides, false),
    remoteSide(sides, true, options.signal),
  ]);
  const differs = await compareBy(sides, { source: remote, target: local, up: false }, options);
  const plan = planSync(remote, local, { delete: options.delete ?? false, differs });
  const here = { platform: process.platform, folds: false };
  if (options.dryRun) {
    checkLocalNames(localPath, remote, here);
    return resultOf(plan, true);
  }
  const folders = await LocalFolders.open(localPath);
  const { folder: root } = await folders.make("");
  checkLocalNames(root, remote, await onDisk(root, () => nameRulesIn(root)));

  const entries = new Map(remote.map((entry) => [entry.path, entry.entry]));
  const interrupted = new InterruptedDownloads();
  await transfers.each("read", path, pick(plan, "make folder"), async (change) => {
    await folders.make(change.path);
  });
  const copies = pick(plan, "copy");
  transfers.announce(copies.map(({ size }) => size));
  await transfers.each("read", path, copies, async (change, inner) => {
    const entry = entries.get(change.path);
    if (!entry) return;
    const { folder } = await folders.make(parentOf(change.path));
    const target = join(folder, nameOf(change.path));
    const { modified } = await transfers.downloadFile(entry, target, inner, {
      durable: true,
      interrupted,
    });
    await onDisk(target, () => lutimes(target, new Date(), modified));
  });
  await folders.sync();
  // A fresh one checks each folder on the way again, as it may be a link by now.
  const holding = await LocalFolders.open(root);
  const placeOf = async ({ path: extra }: SyncChange) =>
    join((await holding.make(parentOf(extra))).folder, nameOf(extra));
  for (const change of pick(plan, "delete")) {
    const target = await placeOf(change);
    await onDisk(target, () => rm(target, { force: true }));
  }
  for (const change of byDepth(pick(plan, "delete folder")).flat()) {
    const target = await placeOf(change);
    await rmdir(target).catch(ignoreFilled);
  }
  return resultOf(plan, false);
}

function pick({ changes }: SyncPlan, action: SyncChange["action"]): SyncChange[] {
  return changes.filter((change) => change.action === action);
}

/** The deepest first, those of one depth together. */
function byDepth(changes: readonly SyncChange[]): SyncChange[][] {
  const levels = new Map<number, SyncChange[]>();
  for (const change of changes) {
    const depth = change.path.split("/").length;
    levels.set(depth, [...(levels.get(depth) ?? []), change]);
  }
  return [...levels].sort(([a], [b]) => b - a).map(([, level]) => level);
}

/** Returns when a directory could not be removed because it is not empty, or is gone already. */
function ignoreFilled(error: unknown): undefined {
  const { statusCode, code } = error as { statusCode?: number; code?: string };
  if (statusCode === 404 || statusCode === 409 || code === "ENOTEMPTY" || code === "ENOENT") return;
  throw error;
}

/**
 * Waits for the next second when a file was changed in this one. Its time in the lake is then later than
 * its own, so that the next sync notices a change in between.
 */
async function waitForNextSecond(
  copies: readonly SyncChange[],
  files: ReadonlyMap<string, LocalEntry>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const now = Date.now();
  const isYoung = copies.some(({ path }) => {
    const { modified = 0 } = files.get(path) ?? {};
    return Math.floor(modified / 1000) === Math.floor(now / 1000);
  });
  if (isYoung) await wait(1000 - (now % 1000), undefined, signal && { signal });
}

const FACTS = { what: "changes", noun: "change", columns: ["action", "path", "size", "because"] };

function resultOf({ changes, same }: SyncPlan, dryRun: boolean): SyncResult {
  const count = (action: SyncChange["action"], noun: string, verb: string) => {
    const some = changes.filter((change) => change.action === action);
    const bytes = some.reduce((sum, { size }) => sum + size, 0);
    const weight = action === "copy" ? ` (${bytesText(bytes)})` : "";
    return some.length ? [`${countText(some.length, noun)} ${verb}${weight}`] : [];
  };
  const done = (participle: string, infinitive: string) => (dryRun ? infinitive : participle);
  const parts = [
    ...count("copy", "file", done("copied", "to copy")),
    ...count("make folder", "folder", done("made", "to make")),
    ...count("delete", "file", done("deleted", "to delete")),
    ...count("delete folder", "folder", done("deleted", "to delete")),
    `${countText(same, "file")} the same`,
  ];
  const caption = `${dryRun ? "dry run: " : ""}${parts.join(", ")}`;
  const items = changes.map((change) => {
    return change.action.endsWith("folder") ? { ...change, size: undefined } : change;
  });
  return shownAsTable({ changes, same, dryRun }, FACTS, { items, caption });
}

function countText(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}
