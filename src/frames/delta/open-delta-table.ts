import type { LakeEntry } from "../../lake/lake.ts";
import type { Dataset } from "../discover/dataset.ts";
import { pruneByValues } from "../discover/prune-partitions.ts";
import type { LakeFiles } from "../lake-files.ts";
import type { Engine } from "../sql/engine.ts";
import type { SqlNode } from "../sql/parse-tree.ts";
import { entryOf } from "./data-path.ts";
import { readVectors } from "./deletion-vector.ts";
import type { AddedFile } from "./delta-actions.ts";
import { type Field, fieldsOf, sqlOf } from "./delta-schema.ts";
import { sortLog } from "./log-files.ts";
import { mappingOf, refuseUnknown } from "./protocol.ts";
import { pruneByStats } from "./prune-by-stats.ts";
import { type RequestedVersion, readVersion } from "./read-version.ts";
import { partitionValue, scanTable, type TableColumns } from "./scan-table.ts";

/**
 * A Delta table as a dataset: the rows of one version, in the columns and types of its schema.
 *
 * Read are: checkpoints of every kind (classic, in parts, version 2 with sidecars), deletion
 * vectors, columns mapped by name or id, types that became wider, timestamps without a zone,
 * variants (as JSON), and files that a shallow clone refers to in the same lake. A table that asks more of its readers is
 * refused, see `refuseUnknown`. Files that `conditions` rule out by their partition values or
 * statistics are not fetched.
 *
 * @param everything all files below the table's folder
 * @see https://github.com/delta-io/delta/blob/master/PROTOCOL.md
 * @throws FrameError `NO_VERSION`, `UNSUPPORTED`, `BAD_TABLE`; LakeError
 */
export async function openDeltaTable(
  engine: Engine,
  lake: LakeFiles,
  place: string,
  everything: readonly LakeEntry[],
  conditions: readonly SqlNode[],
  { signal, ...requested }: RequestedVersion & { signal?: AbortSignal | undefined },
): Promise<Dataset> {
  const state = await readVersion({ engine, lake, signal }, sortLog(place, everything), requested);
  refuseUnknown(place, state);
  const mapping = mappingOf(place, state);
  const columns = columnsOf(
    state.metaData?.partitionColumns ?? [],
    fieldsOf(place, state.metaData, mapping),
  );
  const added = await withoutRuledOut(engine, columns, [...state.files.values()], conditions);
  const byPath = new Map(everything.map((entry) => [entry.path, entry]));
  const folder = { lake, place, byPath, signal };
  const entries = await Promise.all(added.map(({ path }) => entryOf(folder, path)));
  const deleted = await readVectors(folder, added);
  return {
    isTable: true,
    entries,
    namesInFiles: mapping === "id" ? undefined : (names) => physicalNames(columns.fields, names),
    open: (staged, _, hasFiles = false) => {
      const files = added.flatMap((file, index) => {
        const copy = staged[index];
        return copy ? [{ added: file, staged: copy, deleted: deleted[index] ?? [] }] : [];
      });
      return scanTable(engine, place, columns, files, hasFiles);
    },
  };
}

function columnsOf(names: readonly string[], fields: readonly Field[]): TableColumns {
  return { fields, partitions: fields.filter(({ name }) => names.includes(name)) };
}

async function withoutRuledOut(
  engine: Engine,
  { fields, partitions }: TableColumns,
  files: readonly AddedFile[],
  conditions: readonly SqlNode[],
): Promise<readonly AddedFile[]> {
  const types = new Map(partitions.map(({ name, type }) => [name, sqlOf(type)]));
  const valuesOf = (file: AddedFile) =>
    new Map(partitions.map((field) => [field.name, partitionValue(field, file)]));
  const remaining = await pruneByValues(engine, files, types, valuesOf, conditions);
  return pruneByStats(engine, fields, remaining, conditions);
}

function physicalNames(fields: readonly Field[], names: ReadonlySet<string>): ReadonlySet<string> {
  const matches = fields.filter(({ name }) => names.has(name.toLowerCase()));
  return new Set(matches.map(({ physicalName }) => physicalName.toLowerCase()));
}
