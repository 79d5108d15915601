import { randomUUID } from "node:crypto";
import { FrameError } from "../../../core/errors.ts";
import { refuseAlike } from "../../sql/frame-types.ts";
import type { MetaData, Protocol, TableState } from "../delta-actions.ts";
import { type JsonField, type JsonType, jsonFieldsOf } from "../delta-schema.ts";
import { describeType, hasTimestampNtz } from "./delta-types.ts";

/** A column of what is to be written. */
export interface SourceColumn {
  readonly name: string;
  /** The engine's name of its type. */
  readonly sqlType: string;
  readonly type: JsonType;
}

/** What a write makes of a table's schema. */
export interface TableSchema {
  readonly fields: readonly JsonField[];
  readonly partitionColumns: readonly string[];
  /** To be committed; nothing where the table's own stay. */
  readonly protocol?: Protocol;
  readonly metaData?: MetaData;
}

export interface SchemaOptions {
  readonly partitionBy?: readonly string[] | undefined;
  /** Add columns that the table lacks. */
  readonly mergeSchema: boolean;
  /** Put the columns of what is written in place of the table's. */
  readonly overwriteSchema: boolean;
}

/**
 * The schema that a table has after a write.
 *
 * @param state the table as it is; nothing for a new one
 * @throws FrameError `SCHEMA_MISMATCH`, `NO_COLUMN`, `BAD_COLUMN`, `UNSUPPORTED`
 */
export function schemaAfter(
  place: string,
  state: TableState | undefined,
  columns: readonly SourceColumn[],
  options: SchemaOptions,
): TableSchema {
  if (!state?.metaData || options.overwriteSchema) return newSchema(place, state, columns, options);
  const { metaData, protocol } = state;
  const fields = jsonFieldsOf(place, metaData);
  const { partitionColumns } = metaData;
  refusePartitions(place, partitionColumns, options.partitionBy);
  const known = new Set(fields.map(({ name }) => name.toLowerCase()));
  const added = columns.filter(({ name }) => !known.has(name.toLowerCase())).map(fieldOf);
  if (added.length === 0) return { fields, partitionColumns };
  if (!options.mergeSchema) throw unknownColumns(place, fields, added);
  refuseNames(added);
  const all = [...fields, ...added];
  const raised = withTimestamps(protocol, added);
  return {
    fields: all,
    partitionColumns,
    metaData: { ...metaData, schemaString: schemaText(all) },
    ...(raised && { protocol: raised }),
  };
}

function newSchema(
  place: string,
  state: TableState | undefined,
  columns: readonly SourceColumn[],
  { partitionBy }: SchemaOptions,
): TableSchema {
  refuseAlike(columns.map(({ name }) => name));
  const fields = columns.map(fieldOf);
  refuseNames(fields);
  const old = state?.metaData;
  const partitionColumns = (partitionBy ?? old?.partitionColumns ?? []).map((requested) => {
    const column = fields.find(({ name }) => name.toLowerCase() === requested.toLowerCase());
    if (column) return column.name;
    throw new FrameError("NO_COLUMN", `no column ${requested} to partition ${place} by`, {
      hint: `There are ${fields.map(({ name }) => name).join(", ")}.`,
    });
  });
  if (partitionColumns.length === fields.length) {
    throw new FrameError("BAD_COLUMN", `${place} would have no column beside its partitions`, {
      hint: "Partition by fewer columns: those are in the names of folders, and not in the files.",
    });
  }
  for (const { name, type } of fields) {
    if (!partitionColumns.includes(name)) continue;
    if (typeof type === "string" && type !== "binary") continue;
    throw new FrameError("UNSUPPORTED", `column ${name} is of type ${describeType(type)}`, {
      hint: "Partition by columns of numbers, texts, dates, timestamps or booleans.",
    });
  }
  const protocol = state?.protocol
    ? withTimestamps(state.protocol, fields)
    : (withTimestamps(undefined, fields) ?? { minReaderVersion: 1, minWriterVersion: 2 });
  const metaData: MetaData = {
    id: randomUUID(),
    format: { provider: "parquet", options: {} },
    configuration: {},
    createdTime: Date.now(),
    ...old,
    schemaString: schemaText(fields),
    partitionColumns,
  };
  return { fields, partitionColumns, metaData, ...(protocol && { protocol }) };
}

function fieldOf({ name, type }: SourceColumn): JsonField {
  return { name, type, nullable: true, metadata: {} };
}

function schemaText(fields: readonly JsonField[]): string {
  return JSON.stringify({ type: "struct", fields });
}

/** What writer versions below 7 stand for, of which a table has to keep all. */
const IMPLIED: readonly (readonly [version: number, features: readonly string[]])[] = [
  [2, ["appendOnly", "invariants"]],
  [3, ["checkConstraints"]],
  [4, ["changeDataFeed", "generatedColumns"]],
  [5, ["columnMapping"]],
  [6, ["identityColumns"]],
];

/** The protocol with `timestampNtz` in it, where columns need that and it is not there yet. */
function withTimestamps(
  protocol: Protocol | undefined,
  fields: readonly JsonField[],
): Protocol | undefined {
  if (!fields.some(({ type }) => hasTimestampNtz(type))) return undefined;
  const { minReaderVersion = 1, readerFeatures, writerFeatures } = protocol ?? {};
  const writerVersion = protocol?.minWriterVersion ?? 2;
  const reads =
    minReaderVersion === 3
      ? (readerFeatures ?? [])
      : minReaderVersion === 2
        ? ["columnMapping"]
        : [];
  const writes =
    writerVersion === 7
      ? (writerFeatures ?? [])
      : IMPLIED.flatMap(([version, features]) => (version <= writerVersion ? features : []));
  if (reads.includes("timestampNtz") && writes.includes("timestampNtz")) return undefined;
  const missing = reads.filter((name) => !writes.includes(name));
  return {
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: [...new Set([...reads, "timestampNtz"])],
    writerFeatures: [...new Set([...writes, ...missing, "timestampNtz"])],
  };
}

/** Spark, and what follows it, cannot write a column of such a name. */
const NOT_IN_NAMES = /[ ,;{}()\n\t=]/;

function refuseNames(fields: readonly JsonField[]): void {
  for (const { name, type } of fields) {
    if (NOT_IN_NAMES.test(name) || name === "") {
      throw new FrameError(
        "BAD_COLUMN",
        `a Delta table has no column named ${JSON.stringify(name)}`,
        {
          hint: 'Rename it: names have no spaces and none of , ; { } ( ) = in them. In SQL: select "unit price" as unit_price.',
        },
      );
    }
    if (typeof type !== "string" && type.type === "struct") refuseNames(type.fields);
  }
}

function refusePartitions(
  place: string,
  current: readonly string[],
  requested: readonly string[] | undefined,
): void {
  const same = (list: readonly string[]) => list.map((name) => name.toLowerCase()).join("\n");
  if (!requested || same(requested) === same(current)) return;
  const list = current.length > 0 ? `partitioned by ${current.join(", ")}` : "not partitioned";
  throw new FrameError("SCHEMA_MISMATCH", `the Delta table ${place} is ${list}`, {
    hint: 'Leave out { partitionBy }, or write the table anew with { mode: "overwrite", overwriteSchema: true }.',
  });
}

function unknownColumns(
  place: string,
  fields: readonly JsonField[],
  added: readonly JsonField[],
): FrameError {
  const list = added.map(({ name, type }) => `${name} (${describeType(type)})`).join(", ");
  return new FrameError("SCHEMA_MISMATCH", `the Delta table ${place} has no column ${list}`, {
    hint: `It has ${fields.map(({ name, type }) => `${name} ${describeType(type)}`).join(", ")}. Say { mergeSchema: true } to add columns to it.`,
  });
}
