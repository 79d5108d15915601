import { FrameError } from "../../core/errors.ts";
import type { LakeEntry } from "../../lake/lake.ts";
import { type Engine, literals } from "../engine.ts";
import type { LakeFiles } from "../lake-files.ts";
import { stage } from "../staging.ts";
import { type Action, apply, refuseUnsupported, type TableState } from "./actions.ts";

const COMMIT = /\/(\d{20})\.json$/;
const CHECKPOINT = /\/(\d{20})\.checkpoint(?:\.(\d{10})\.(\d{10}))?\.parquet$/;

/**
 * Replays the transaction log of a Delta table: the last complete checkpoint and the commits after
 * it.
 *
 * @param version the version to see; the latest when absent
 * @throws FrameError `NO_VERSION`, `BAD_TABLE`, `UNSUPPORTED`
 */
export async function readLog(
  engine: Engine,
  lake: LakeFiles,
  place: string,
  log: readonly LakeEntry[],
  version: number | undefined,
  signal: AbortSignal | undefined,
): Promise<TableState> {
  const commits = new Map(log.flatMap((entry) => versioned(entry, COMMIT)));
  const checkpoint = lastCheckpoint(log, version ?? Infinity);
  const latest = Math.max(checkpoint?.version ?? -1, ...commits.keys());
  const wanted = version ?? latest;
  if (wanted > latest || wanted < 0) {
    throw new FrameError("NO_VERSION", `the Delta table ${place} has no version ${wanted}`, {
      hint: `The latest is ${latest}.`,
    });
  }
  const state: TableState = { files: new Map() };
  const call = signal ? { signal } : {};
  if (checkpoint) {
    const files = await stage(lake, checkpoint.parts, call);
    const rows = await engine.runAndReadAll(
      `select to_json(part)::varchar from read_parquet(${literals(files.map((file) => file.localPath))},
       union_by_name = true, hive_partitioning = false) part`,
    );
    apply(
      state,
      rows.getRowsJson().map(([row]) => actionOf(String(row))),
    );
  }
  const decoder = new TextDecoder();
  for (let next = (checkpoint?.version ?? -1) + 1; next <= wanted; next++) {
    const entry = commits.get(next);
    if (!entry) {
      throw new FrameError(
        "BAD_TABLE",
        `the log of the Delta table ${place} lacks version ${next}`,
        {
          hint: "Its older commits were removed. Ask for a later version, or for none to get the latest.",
        },
      );
    }
    const text = decoder.decode(await lake.read(entry.path, call));
    apply(state, text.split("\n").filter(Boolean).map(actionOf));
  }
  refuseUnsupported(place, state);
  return state;
}

function lastCheckpoint(log: readonly LakeEntry[], atMost: number) {
  const found = new Map<number, { parts: LakeEntry[]; wanted: number }>();
  for (const entry of log) {
    const [, digits, , total] = CHECKPOINT.exec(entry.path) ?? [];
    if (digits === undefined || Number(digits) > atMost) continue;
    const parts = [...(found.get(Number(digits))?.parts ?? []), entry];
    found.set(Number(digits), { parts, wanted: Number(total ?? 1) });
  }
  const complete = [...found].filter(([, { parts, wanted }]) => parts.length === wanted);
  const version = Math.max(...complete.map(([number]) => number));
  const parts = found.get(version)?.parts;
  return parts && { version, parts };
}

function versioned(entry: LakeEntry, pattern: RegExp): [number, LakeEntry][] {
  const digits = pattern.exec(entry.path)?.[1];
  return digits === undefined ? [] : [[Number(digits), entry]];
}

function actionOf(line: string): Action {
  return JSON.parse(line) as Action;
}
