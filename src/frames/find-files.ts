import { setTimeout as wait } from "node:timers/promises";
import { FrameError } from "../core/errors.ts";
import type { LakeEntry } from "../lake/lake.ts";
import type { LakeFiles } from "./lake-files.ts";
import { replacedFolder } from "./replace-folder.ts";

const WILDCARD = /[*?[\]{}]/;

/** What a path, a folder or a glob leads to. */
export interface FoundFiles {
  /** Files of data. */
  readonly files: readonly LakeEntry[];
  /** All files, notes included. */
  readonly all: readonly LakeEntry[];
  /** Path of the folder, if it is a Delta table. */
  readonly table?: string;
}

/**
 * The files that a path, a folder or a glob stands for, in path order. A folder stands for all the
 * files below it; files and folders whose name begins with `_` or `.` are left out there, as they
 * hold the notes of the program that wrote the data.
 *
 * @throws FrameError `NO_FILES`, `DELTA_TABLE`; LakeError `NOT_FOUND`, `FORBIDDEN` and so on
 */
export async function findFiles(
  lake: LakeFiles,
  place: string,
  signal?: AbortSignal,
): Promise<FoundFiles> {
  for (let tries = 1; ; tries++) {
    try {
      return await lookFor(lake, place, signal);
    } catch (error) {
      await waitWhileReplaced(lake, place, error, tries);
    }
  }
}

const REPLACING_TRIES = 10;
const REPLACING_WAIT = 200;

/** Passes `error` on, unless what was looked for is away for the moment in which it is replaced. */
async function waitWhileReplaced(lake: LakeFiles, place: string, error: unknown, tries: number) {
  const { code } = error as { code?: string };
  if (code !== "NOT_FOUND" && code !== "NO_FILES") throw error;
  const folder = WILDCARD.test(place) ? folderOf(place) : place.replace(/\/+$/, "");
  const old = folder && (await replacedFolder(lake, folder).catch(() => undefined));
  if (!old) throw error;
  if (tries < REPLACING_TRIES) return wait(REPLACING_WAIT);
  throw new FrameError("REPLACING", `${folder} is away: a write that replaces it did not end`, {
    hint: `What it held is whole in ${old}. The next write of ${folder} puts it back, or move it yourself: await lake.move("${old}", "${folder}").`,
    cause: error,
  });
}

async function lookFor(
  lake: LakeFiles,
  place: string,
  signal: AbortSignal | undefined,
): Promise<FoundFiles> {
  if (WILDCARD.test(place)) return sortOut(lake.url, place, await search(lake, place, signal));
  const leaving = new AbortController();
  const signals = signal ? [signal, leaving.signal] : [leaving.signal];
  // A name without a dot is most likely a folder's: what is in it is asked for at the same time.
  const guess = /^[^.:]+$/.test(place) ? place.replace(/^\/+|\/+$/g, "") : "";
  const guessed = guess ? search(lake, `${guess}/**`, AbortSignal.any(signals)) : undefined;
  guessed?.catch(() => {}); // thrown where it is awaited, if it is a folder
  try {
    const entry = await lake.stat(place, signal ? { signal } : {});
    if (entry.kind === "file") return { files: [entry], all: [entry] };
    const pattern = entry.path ? `${entry.path}/**` : "**";
    const found = entry.path === guess && guessed ? guessed : search(lake, pattern, signal);
    return sortOut(lake.url, place, await found);
  } finally {
    leaving.abort();
  }
}

/** What a pattern leads to. */
interface Found {
  readonly pattern: string;
  /** The folder below which it looks. */
  readonly folder: string;
  readonly all: readonly LakeEntry[];
  /** The Delta table that the folder is, or that it is a partition of. */
  readonly tableAround: string | undefined;
}

async function search(
  lake: LakeFiles,
  pattern: string,
  signal: AbortSignal | undefined,
): Promise<Found> {
  const options = signal ? { signal } : {};
  const folder = folderOf(pattern);
  const around = tableAround(lake, folder, options);
  const all: LakeEntry[] = [];
  for await (const entry of lake.list(pattern, options)) {
    if (entry.kind === "file") all.push(entry);
  }
  return { pattern, folder, all, tableAround: await around };
}

function sortOut(
  url: string,
  place: string,
  { pattern, folder, all, tableAround }: Found,
): FoundFiles {
  const logs = new Set(all.flatMap(({ path }) => tableOfLog(path) ?? []));
  const files = all.filter(({ path }) => !isHidden(path, folder));
  if (/(^|\/)\*\*$/.test(pattern) && logs.has(folder)) return { files, all, table: folder };
  const [table = tableAround] = logs;
  if (table !== undefined) throw partOfTable(place, table);
  if (files.length > 0) return { files, all };
  throw new FrameError("NO_FILES", `no files match ${place} in ${url}`, {
    hint: "`for await (const entry of lake.list(…))` shows what is there; `**` crosses folders, `*` does not.",
  });
}

/** The Delta table whose log a file is of. */
function tableOfLog(path: string): string | undefined {
  const found = /^(?:(.*?)\/)?_delta_log\//.exec(path);
  return found ? (found[1] ?? "") : undefined;
}

/** The Delta table that a folder is, or that it is a partition of. */
async function tableAround(
  lake: LakeFiles,
  folder: string,
  options: { signal?: AbortSignal },
): Promise<string | undefined> {
  const table = folder.replace(/(^|\/)[^/]+=.*$/, "");
  // Nobody may have asked for a table, so nobody is told why that cannot be known.
  const hasLog = await lake.exists(table ? `${table}/_delta_log` : "_delta_log", options).catch(no);
  return hasLog ? table : undefined;
}

const no = () => false;

function partOfTable(place: string, table: string): FrameError {
  const name = table || "the root of the lake";
  return new FrameError(
    "DELTA_TABLE",
    `${place} takes files of a Delta table one by one: ${name} has a log, which says what counts`,
    {
      hint: `Load ${table || "/"} itself, with a condition for a part of it; a single file can be read by its own path.`,
    },
  );
}

/** The folder below which all that a pattern matches lies. */
function folderOf(pattern: string): string {
  const fixed = pattern.split(WILDCARD)[0] ?? "";
  return fixed.slice(0, Math.max(0, fixed.lastIndexOf("/"))).replace(/\/+$/, "");
}

function isHidden(path: string, base: string): boolean {
  const below = path.startsWith(base) ? path.slice(base.length) : path;
  return below.split("/").some((name) => /^[._]/.test(name) && !name.includes("="));
}
