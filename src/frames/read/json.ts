import { type Engine, identifier, literal, literals } from "../engine.ts";
import type { StagedFile } from "../staging.ts";
import { isJsonLines } from "./format.ts";
import { exactJson } from "./json-exact.ts";
import { partitionArguments } from "./partitions.ts";
import type { Source } from "./read-options.ts";

// The largest object there may be, in bytes; an array of a whole file is not one object.
const LARGEST_OBJECT = 256 * 2 ** 20;

/**
 * NDJSON files or files with one JSON array, as one source. Columns are those of any row. Dates and
 * times stay the text they are in JSON, as an offset in them would otherwise be lost; so do numbers
 * that a double does not hold, with all others of their column.
 *
 * @throws FrameError `BAD_ROW`, `EMPTY_FILE`, `TOO_LARGE`
 */
export async function jsonSource(
  engine: Engine,
  staged: readonly StagedFile[],
  partitions: ReadonlyMap<string, string>,
): Promise<Source> {
  // Where lines are known to be objects, a broken one is found on its own line.
  const isLines = staged.every(({ localPath }) => isJsonLines(localPath));
  const format = isLines ? "newline_delimited" : "auto";
  const call = (files: readonly StagedFile[], columns: string) =>
    `read_json(${literals(files.map(({ localPath }) => localPath))}, format = '${format}', ${columns}
     union_by_name = true, maximum_object_size = ${LARGEST_OBJECT},
     dateformat = '%x-never', timestampformat = '%x-never', ${partitionArguments(partitions)})`;
  const sniff = (files: readonly StagedFile[]) =>
    engine.runAndReadAll(`describe from ${call(files, "sample_size = -1,")}`);
  // The engine looks for the types while this process looks for what the engine lets pass.
  const [scan, guess] = await Promise.allSettled([exactJson(staged), sniff(staged)]);
  if (scan.status === "rejected") throw scan.reason;
  const files = scan.value;
  const isSame = files.every((file, index) => file === staged[index]);
  if (isSame && guess.status === "rejected") throw guess.reason;
  const sniffed = isSame && guess.status === "fulfilled" ? guess.value : await sniff(files);
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
  return {
    sql: `(select ${names.join(", ")} from ${call(files, `columns = {${types.join(", ")}},`)})`,
  };
}

function asRead(type: string): string {
  return /^(DATE|TIME)/.test(type) ? "VARCHAR" : type;
}
