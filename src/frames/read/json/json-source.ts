import {
  type DuckDBListType,
  type DuckDBMapType,
  type DuckDBStructType,
  type DuckDBType,
  DuckDBTypeId,
} from "@duckdb/node-api";
import type { StagedFile } from "../../cache/stage.ts";
import { partitionArguments } from "../../discover/hive-partitions.ts";
import { prepareColumns } from "../../sql/describe-columns.ts";
import { type Engine, identifier, literal, literals } from "../../sql/engine.ts";
import { fileColumnSql } from "../file-column.ts";
import { isJsonLines } from "../file-format.ts";
import type { OpenOptions, ReadOptions, Source } from "../read-options.ts";
import { exactJson } from "./json-exact.ts";

// In bytes; an array of a whole file is not one object.
const MAX_OBJECT_BYTES = 256 * 2 ** 20;

/**
 * NDJSON files or files with one JSON array, as one source, with the columns of all rows. Dates and
 * times stay text, which keeps their offsets; so do columns with a number that a double does not
 * hold.
 *
 * @throws FrameError `BAD_ROW`, `EMPTY_FILE`, `TOO_LARGE`
 */
export async function jsonSource(
  engine: Engine,
  staged: readonly StagedFile[],
  partitions: ReadonlyMap<string, string>,
  options: ReadOptions,
  { signal, hasFiles }: OpenOptions = {},
): Promise<Source> {
  // With an object a line, an error has a line.
  const isLines = staged.every(({ localPath }) => isJsonLines(localPath));
  const format = isLines ? "newline_delimited" : "auto";
  const call = (files: readonly StagedFile[], columns: string) =>
    `read_json(${literals(files.map(({ localPath }) => localPath))}, format = '${format}', ${columns}
     union_by_name = true, maximum_object_size = ${Number(options.maxLineBytes ?? MAX_OBJECT_BYTES)},
     dateformat = '%x-never', timestampformat = '%x-never', ${partitionArguments(partitions)})`;
  const sniff = (files: readonly StagedFile[]) =>
    columnsOf(engine, (more) => call(files, `sample_size = -1, ${more}`));
  // The engine infers types in parallel with the scan.
  const [scan, guess] = await Promise.allSettled([
    exactJson(staged, options, signal),
    sniff(staged),
  ]);
  if (scan.status === "rejected") throw scan.reason;
  const files = scan.value;
  const isSame = files.every((file, index) => file === staged[index]);
  if (isSame && guess.status === "rejected") throw guess.reason;
  const sniffed = isSame && guess.status === "fulfilled" ? guess.value : await sniff(files);
  const columns = sniffed.filter(({ name }) => !partitions.has(name));
  const types = columns.map(({ name, type }) => `${literal(name)}: ${literal(type)}`);
  const shown = columns.map(({ name, type }) => {
    const column = identifier(name);
    return type === "JSON" ? `${column} ->> '$' as ${column}` : column;
  });
  const own = [...columns.map(({ name }) => name), ...partitions.keys()];
  const path = hasFiles ? [fileColumnSql(files, own)] : [];
  const names = [...shown, ...[...partitions.keys()].map(identifier), ...path];
  return {
    sql: `(select ${names.join(", ")} from ${call(files, `columns = {${types.join(", ")}},`)})`,
  };
}

/** Objects of more keys than this are maps, as is the engine's default. */
const WIDE = 200;

async function columnsOf(
  engine: Engine,
  call: (more: string) => string,
): Promise<{ name: string; type: string }[]> {
  const described = await prepareColumns(engine, `from ${call("")}`);
  const [only, other] = described;
  const isDictionary = !other && only?.name === "json" && only.type.typeId === DuckDBTypeId.MAP;
  if (!isDictionary) return described.map(({ name, type }) => ({ name, type: asRead(type) }));
  // The rows themselves were read as maps.
  const columns = await prepareColumns(engine, `from ${call("map_inference_threshold = -1,")}`);
  return columns.map(({ name, type }) => ({ name, type: isWide(type) ? "JSON" : asRead(type) }));
}

function asRead(type: DuckDBType): string {
  switch (type.typeId) {
    case DuckDBTypeId.LIST:
      return `${asRead((type as DuckDBListType).valueType)}[]`;
    case DuckDBTypeId.MAP:
      return `MAP(VARCHAR, ${asRead((type as DuckDBMapType).valueType)})`;
    case DuckDBTypeId.STRUCT: {
      const { entryNames, entryTypes } = type as DuckDBStructType;
      const entries = entryTypes.map(
        (of, at) => `${identifier(entryNames[at] ?? "")} ${asRead(of)}`,
      );
      return `STRUCT(${entries.join(", ")})`;
    }
    default:
      return /^(DATE|TIME)/.test(type.toString()) ? "VARCHAR" : type.toString();
  }
}

/** Whether a type has a map. */
function isWide(type: DuckDBType): boolean {
  if (type.typeId === DuckDBTypeId.LIST) return isWide((type as DuckDBListType).valueType);
  if (type.typeId !== DuckDBTypeId.STRUCT) return false;
  const { entryTypes } = type as DuckDBStructType;
  return entryTypes.length > WIDE || entryTypes.some(isWide);
}
