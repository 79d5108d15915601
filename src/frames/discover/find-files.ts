import { setTimeout as wait } from "node:timers/promises";
import { FrameError } from "../../core/errors.ts";
import type { LakeEntry } from "../../lake/lake.ts";
import { parseGlob } from "../../lake/list/glob.ts";
import { pathIn } from "../../lake/url/location.ts";
import type { LakeFiles } from "../lake-files.ts";
import { replacedBy } from "../write/replace-folder.ts";
import {
  findMissingDuringReplace,
  isKnownToExist,
  type MissingDuringReplace,
  replaceDidNotEnd,
} from "./missing-during-replace.ts";

const WILDCARD = /[*?[\]{}]/;

/** The files of a path, a folder or a glob. */
export interface MatchedFiles {
  /** Files of data. */
  readonly files: readonly LakeEntry[];
  /** All files, hidden ones included. */
  readonly all: readonly LakeEntry[];
  /** Path of the folder, if it is a Delta table. */
  readonly table?: string;
}

/**
 * The files of a path, a folder or a glob, in path order. A folder means all files below it,
 * without files and folders whose names begin with `_` or `.`: those are metadata of the writer.
 *
 * Waits for a folder that a write is replacing (see `replaceFolder`), so that it is never left out.
 *
 * @throws FrameError `NO_FILES`, `DELTA_TABLE`, `REPLACING`; LakeError `NOT_FOUND`, `FORBIDDEN` and
 *   so on
 */
export async function findFiles(
  lake: LakeFiles,
  given: string,
  signal?: AbortSignal,
): Promise<MatchedFiles> {
  const place = pathIn(lake, given);
  const base = WILDCARD.test(place) ? folderOf(place) : place.replace(/\/+$/, "");
  /** Folders that existed when listed before. */
  const present = new Set<string>();
  for (let tries = 1; ; tries++) {
    const outcome = await lookFor(lake, place, present, signal).catch((failure) =>
      findMissingDuringReplace(lake, base, present, failure),
    );
    if (!("folder" in outcome)) return outcome;
    if (await isKnownToExist(lake, outcome.folder)) present.add(outcome.folder);
    else if (tries < REPLACING_TRIES) await wait(REPLACING_WAIT);
    else throw replaceDidNotEnd(outcome);
  }
}

/** Paths of the files that paths and patterns match, as `glob` of SQL lists them. */
export async function listFiles(
  lake: LakeFiles,
  places: readonly string[],
  signal?: AbortSignal,
): Promise<string[]> {
  const options = { signal };
  const paths: string[] = [];
  for (const given of places) {
    const place = pathIn(lake, given);
    try {
      const entries = WILDCARD.test(place)
        ? lake.list(place, options)
        : [await lake.stat(place, options)];
      for await (const { kind, path } of entries) if (kind === "file") paths.push(path);
    } catch (error) {
      // A missing directory is an empty list.
      if ((error as { code?: string }).code !== "NOT_FOUND") throw error;
    }
  }
  return paths;
}

const REPLACING_TRIES = 10;
const REPLACING_WAIT = 200;

async function lookFor(
  lake: LakeFiles,
  place: string,
  present: ReadonlySet<string>,
  signal: AbortSignal | undefined,
): Promise<MatchedFiles | MissingDuringReplace> {
  const lookInto = async (searching: Promise<Match>) => {
    const match = await searching;
    return missingIn(match, present) ?? sortOut(lake.url, place, match);
  };
  if (WILDCARD.test(place)) return lookInto(search(lake, place, signal));
  const leaving = new AbortController();
  const signals = signal ? [signal, leaving.signal] : [leaving.signal];
  // A name without a dot is likely a folder: it is listed at the same time.
  const guess = /^[^.:]+$/.test(place) ? place.replace(/^\/+|\/+$/g, "") : "";
  const guessed = guess ? search(lake, `${guess}/**`, AbortSignal.any(signals)) : undefined;
  guessed?.catch(() => {}); // awaited below, if it is a folder
  try {
    const entry = await lake.stat(place, { signal });
    if (entry.kind === "file") return { files: [entry], all: [entry] };
    const pattern = entry.path ? `${entry.path}/**` : "**";
    return await lookInto(
      entry.path === guess && guessed ? guessed : search(lake, pattern, signal),
    );
  } finally {
    leaving.abort();
  }
}

interface Match {
  readonly pattern: string;
  /** The folder that is listed. */
  readonly folder: string;
  readonly all: readonly LakeEntry[];
  /** Folders that are being replaced, and where their old content is. */
  readonly replaced: ReadonlyMap<string, string>;
  /** The Delta table that the folder is, or that it is a partition of. */
  readonly tableAround: string | undefined;
}

async function search(
  lake: LakeFiles,
  pattern: string,
  signal: AbortSignal | undefined,
): Promise<Match> {
  const options = { signal };
  const folder = folderOf(pattern);
  const around = tableAround(lake, folder, options);
  const all: LakeEntry[] = [];
  const replaced = new Map<string, string>();
  const mayHold = directoriesOf(pattern);
  for await (const entry of lake.list(pattern, { ...options, hidden: true })) {
    const target = replacedBy(entry.path);
    if (target !== undefined && mayHold(target)) replaced.set(target, entry.path);
    else if (entry.kind === "file" && !/(^|\/)\.[^/]*$/.test(entry.path)) all.push(entry);
  }
  return { pattern, folder, all, replaced, tableAround: await around };
}

/** Whether a directory may have matches of a pattern. */
function directoriesOf(pattern: string): (directory: string) => boolean {
  const glob = parseGlob(pattern);
  return (directory) => typeof glob === "string" || glob.reach(directory) !== "none";
}

/** A folder that is being replaced and was not listed. */
function missingIn(
  { all, replaced }: Match,
  present: ReadonlySet<string>,
): MissingDuringReplace | undefined {
  for (const [folder, old] of replaced) {
    const isFound = all.some(({ path }) => path.startsWith(`${folder}/`));
    if (!isFound && !present.has(folder)) return { folder, old };
  }
  return;
}

function sortOut(
  url: string,
  place: string,
  { pattern, folder, all, tableAround }: Match,
): MatchedFiles {
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

function tableOfLog(path: string): string | undefined {
  const match = /^(?:(.*?)\/)?_delta_log\//.exec(path);
  return match ? (match[1] ?? "") : undefined;
}

/** The Delta table that a folder is, or that it is a partition of. */
async function tableAround(
  lake: LakeFiles,
  folder: string,
  options: { signal?: AbortSignal | undefined },
): Promise<string | undefined> {
  const table = folder.replace(/(^|\/)[^/]+=.*$/, "");
  // Perhaps no table: a failure to look for its log is no error.
  const hasLog = await isKnownToExist(lake, table ? `${table}/_delta_log` : "_delta_log", options);
  return hasLog ? table : undefined;
}

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

/** The folder that has all matches of a pattern. */
function folderOf(pattern: string): string {
  const fixed = pattern.split(WILDCARD)[0] ?? "";
  return fixed.slice(0, Math.max(0, fixed.lastIndexOf("/"))).replace(/\/+$/, "");
}

function isHidden(path: string, base: string): boolean {
  const below = path.startsWith(base) ? path.slice(base.length) : path;
  return below.split("/").some((name) => /^[._]/.test(name) && !name.includes("="));
}
