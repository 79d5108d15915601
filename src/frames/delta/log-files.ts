import { LakeError } from "../../core/errors.ts";
import type { LakeEntry } from "../../lake/lake.ts";
import type { LakeFiles } from "../lake-files.ts";

/** The files of one complete checkpoint. */
export interface CheckpointFiles {
  readonly version: number;
  readonly parts: readonly LakeEntry[];
}

export interface LogFiles {
  /** Path of the table's folder. */
  readonly place: string;
  readonly commits: ReadonlyMap<number, LakeEntry>;
  /** The newest first. */
  readonly checkpoints: readonly CheckpointFiles[];
  readonly checksums: ReadonlyMap<number, LakeEntry>;
  /** By name: files that checkpoints of version 2 refer to. */
  readonly sidecars: ReadonlyMap<string, LakeEntry>;
}

const COMMIT = /^(\d{20})\.json$/;
const CHECKSUM = /^(\d{20})\.crc$/;
const SIDECAR = /^_sidecars\/(.+\.parquet)$/;
// Classic, in parts, and named by a UUID.
const CHECKPOINT =
  /^(\d{20})\.checkpoint(?:\.(\d{10})\.(\d{10})\.parquet|(?:\.[^./]+)?\.parquet|\.[^./]+\.json)$/;

/**
 * Sorts the files of a log by kind. `_last_checkpoint` is not needed, as the listing has every
 * checkpoint. Log compactions are ignored, as they repeat commits.
 */
export function sortLog(place: string, everything: readonly LakeEntry[]): LogFiles {
  const folder = place ? `${place}/_delta_log/` : "_delta_log/";
  const commits = new Map<number, LakeEntry>();
  const checksums = new Map<number, LakeEntry>();
  const sidecars = new Map<string, LakeEntry>();
  const checkpoints = new Map<string, { version: number; partCount: number; parts: LakeEntry[] }>();
  for (const entry of everything) {
    if (!entry.path.startsWith(folder)) continue;
    const name = entry.path.slice(folder.length);
    const [, commit] = COMMIT.exec(name) ?? [];
    const [, checksum] = CHECKSUM.exec(name) ?? [];
    const [, sidecar] = SIDECAR.exec(name) ?? [];
    const [, version, , total] = CHECKPOINT.exec(name) ?? [];
    if (commit !== undefined) commits.set(Number(commit), entry);
    if (checksum !== undefined) checksums.set(Number(checksum), entry);
    if (sidecar !== undefined) sidecars.set(sidecar, entry);
    if (version === undefined) continue;
    const key = total === undefined ? name : `${version} in ${total}`;
    const known = checkpoints.get(key);
    if (known) known.parts.push(entry);
    else {
      checkpoints.set(key, {
        version: Number(version),
        partCount: Number(total ?? 1),
        parts: [entry],
      });
    }
  }
  const complete = [...checkpoints.values()].filter(
    ({ parts, partCount }) => parts.length === partCount,
  );
  return {
    place,
    commits,
    checkpoints: complete.sort((a, b) => b.version - a.version),
    checksums,
    sidecars,
  };
}

/** The files of a table's log; none if there is no table. */
export async function listLog(
  lake: Pick<LakeFiles, "list">,
  place: string,
  signal: AbortSignal | undefined,
): Promise<LakeEntry[]> {
  const pattern = place ? `${place}/_delta_log/**` : "_delta_log/**";
  const entries: LakeEntry[] = [];
  try {
    for await (const entry of lake.list(pattern, { signal })) {
      if (entry.kind === "file") entries.push(entry);
    }
  } catch (error) {
    if (!(error instanceof LakeError) || error.code !== "NOT_FOUND") throw error;
  }
  return entries;
}
