import { type Engine, identifier, literal, literals } from "../engine.ts";
import type { StagedFile } from "../staging.ts";
import { isJsonLines } from "./format.ts";
import { partitionArguments } from "./partitions.ts";
import type { Source } from "./read-options.ts";

// The largest object there may be, in bytes; an array of a whole file is not one object.
const LARGEST_OBJECT = 256 * 2 ** 20;

/**
 * NDJSON files or files with one JSON array, as one source. Columns are those of any row. Dates and
 * times stay the text they are in JSON, as an offset in them would otherwise be lost.
 */
export async function jsonSource(
  engine: Engine,
  files: readonly StagedFile[],
  partitions: ReadonlyMap<string, string>,
): Promise<Source> {
  const paths = literals(files.map(({ localPath }) => localPath));
  // Where lines are known to be objects, a broken one is found on its own line.
  const isLines = files.every(({ localPath }) => isJsonLines(localPath));
  const format = isLines ? "newline_delimited" : "auto";
  const call = (columns: string) =>
    `read_json(${paths}, format = '${format}', ${columns} union_by_name = true, maximum_object_size = ${LARGEST_OBJECT},
     dateformat = '%x-never', timestampformat = '%x-never', ${partitionArguments(partitions)})`;
  const sniffed = await engine.runAndReadAll(`describe from ${call("sample_size = -1,")}`);
  const columns = sniffed
    .getRowsJson()
    .map(([name, type]) => ({ name: String(name), type: asRead(String(type)) }))
    .filter(({ name }) => !partitions.has(name));
  const types = columns.map(({ name, type }) => `${literal(name)}: ${literal(type)}`);
  const shown = columns.map(({ name, type }) => {
    const column = identifier(name);
    return type === "JSON" ? `${column} ->> '$' as ${column}` : column;
  });
  const names = [...shown, ...[...partitions.keys()].map(identifier)];
  return { sql: `(select ${names.join(", ")} from ${call(`columns = {${types.join(", ")}},`)})` };
}

function asRead(type: string): string {
  return /^(DATE|TIME)/.test(type) ? "VARCHAR" : type;
}
