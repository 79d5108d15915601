import { FrameError } from "../../core/errors.ts";
import type { LakeEntry } from "../../lake/lake.ts";
import type { Dataset } from "../dataset.ts";
import { type Engine, identifier, literal, literals } from "../engine.ts";
import type { LakeFiles } from "../lake-files.ts";
import { pruneBy } from "../prune.ts";
import type { SqlNode } from "../sql-tree.ts";
import type { StagedFile } from "../staging.ts";
import type { AddedFile } from "./actions.ts";
import { readLog } from "./log.ts";

/** A column as the table's schema has it. */
interface SchemaField {
  readonly name: string;
  readonly type: unknown;
}

interface TableFile {
  readonly added: AddedFile;
  readonly entry: LakeEntry;
}

/**
 * A Delta table as a dataset: the files of one version, with the partition values of the log.
 *
 * @param everything all files below the table's folder
 */
export async function openDeltaTable(
  engine: Engine,
  lake: LakeFiles,
  place: string,
  everything: readonly LakeEntry[],
  conditions: readonly SqlNode[],
  options: { version?: number | undefined; signal?: AbortSignal | undefined },
): Promise<Dataset> {
  const log = everything.filter(({ path }) => path.startsWith(`${place}/_delta_log/`));
  const state = await readLog(engine, lake, place, log, options.version, options.signal);
  const byPath = new Map(everything.map((entry) => [entry.path, entry]));
  const files = [...state.files.values()].map((added) => ({
    added,
    entry: entryOf(place, added, byPath),
  }));
  const fields = fieldsOf(state.metaData?.schemaString ?? '{"fields":[]}');
  const partitions = new Map(
    (state.metaData?.partitionColumns ?? []).map((name) => {
      const field = fields.find((candidate) => candidate.name === name);
      return [name, sqlType(field?.type) ?? "VARCHAR"];
    }),
  );
  const kept = await pruneBy(engine, files, partitions, valuesOf, conditions);
  return {
    entries: kept.map(({ entry }) => entry),
    open: async (staged) => ({ sql: tableSql(kept, staged, fields, partitions) }),
  };
}

function valuesOf({ added }: TableFile): ReadonlyMap<string, string | null> {
  // The log writes null as null or as empty text.
  return new Map(Object.entries(added.partitionValues).map(([key, value]) => [key, value || null]));
}

function entryOf(
  place: string,
  added: AddedFile,
  byPath: ReadonlyMap<string, LakeEntry>,
): LakeEntry {
  const path = `${place}/${decodeURIComponent(added.path)}`;
  const entry = byPath.get(path);
  if (entry) return entry;
  throw new FrameError("BAD_TABLE", `the Delta table ${place} lacks its file ${added.path}`, {
    hint: "It was removed, as by VACUUM, from a version that still names it. Ask for a later version.",
  });
}

function fieldsOf(schema: string): readonly SchemaField[] {
  return (JSON.parse(schema) as { fields: SchemaField[] }).fields;
}

const TYPES: Readonly<Record<string, string>> = {
  string: "VARCHAR",
  long: "BIGINT",
  integer: "INTEGER",
  short: "SMALLINT",
  byte: "TINYINT",
  float: "FLOAT",
  double: "DOUBLE",
  boolean: "BOOLEAN",
  binary: "BLOB",
  date: "DATE",
  timestamp: "TIMESTAMP WITH TIME ZONE",
  timestamp_ntz: "TIMESTAMP",
};

/** The engine's type; undefined for nested ones, which the files themselves tell. */
function sqlType(type: unknown): string | undefined {
  if (typeof type !== "string") return undefined;
  return type.startsWith("decimal") ? type.toUpperCase() : TYPES[type];
}

/** All rows, in the columns and types of the schema; null where an older file lacks a column. */
function tableSql(
  files: readonly TableFile[],
  staged: readonly StagedFile[],
  fields: readonly SchemaField[],
  partitions: ReadonlyMap<string, string>,
): string {
  const typed = fields.flatMap(({ name, type }) => {
    const known = sqlType(type);
    return known ? [`null::${known} as ${identifier(name)}`] : [];
  });
  const groups = new Map<string, string[]>();
  for (const [index, file] of files.entries()) {
    const constants = [...partitions].map(([name, type]) => {
      const value = valuesOf(file).get(name) ?? null;
      return `, ${value === null ? "null" : literal(value)}::${type} as ${identifier(name)}`;
    });
    const key = constants.join("");
    groups.set(key, [...(groups.get(key) ?? []), staged[index]?.localPath ?? ""]);
  }
  const selects = [...groups].map(
    ([constants, paths]) =>
      `select *${constants} from read_parquet(${literals(paths)}, union_by_name = true, hive_partitioning = false)`,
  );
  const empty = `select ${typed.join(", ") || "1"} where false`;
  return `(${[empty, ...selects].join(" union all by name ")})`;
}
