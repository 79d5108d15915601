import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, open, rename, rm } from "node:fs/promises";
import {
  type DuckDBListType,
  type DuckDBMapType,
  type DuckDBStructType,
  type DuckDBType,
  DuckDBTypeId,
} from "@duckdb/node-api";
import { FrameError } from "../../../core/errors.ts";
import { cachedSize } from "../../cache/cache-folder.ts";
import type { StagedFile } from "../../cache/stage.ts";
import { prepareColumns } from "../../sql/describe-columns.ts";
import { type Engine, identifier, literal, literals } from "../../sql/engine.ts";
import { IN_NANOSECONDS, INEXACT } from "../read-failures.ts";

/**
 * `LogicalType` as the footer of a Parquet file has it, in Thrift's compact protocol: the field
 * (`TIMESTAMP` or `TIME`), `isAdjustedToUTC`, and the unit `NANOS`. See parquet.thrift.
 */
const typed = (field: number, isInUtc: number) =>
  Buffer.from([field, isInUtc, 0x1c, 0x3c, 0, 0, 0, 0]);
const [TIMESTAMP, TIME] = [0x8c, 0x7c];
const [TRUE, FALSE] = [0x11, 0x12];
const CUT = [typed(TIMESTAMP, TRUE), typed(TIME, TRUE), typed(TIME, FALSE)];
const WITHOUT_ZONE = typed(TIMESTAMP, FALSE);
const END_BYTES = 8;

/** Columns that the engine would truncate, by file. */
async function finerIn(engine: Engine, paths: readonly string[]): Promise<Map<string, string[]>> {
  const result = await engine.runAndReadAll(
    `select file_name, name from parquet_schema(${literals(paths)})
     where logical_type like 'TimestampType(isAdjustedToUTC=1%NANOS=NanoSeconds%'
     or logical_type like 'TimeType(%NANOS=NanoSeconds%'`,
  );
  const finer = new Map<string, string[]>();
  for (const [file, name] of result.getRowsJson()) {
    const names = finer.get(String(file)) ?? [];
    finer.set(String(file), [...names, String(name)]);
  }
  return finer;
}

/**
 * The engine truncates times and timestamps with a zone to microseconds, but not timestamps without
 * one. So files in nanoseconds get copies beside them that declare all as the latter; `asWritten`
 * converts them back.
 *
 * @returns the same files where nothing would be truncated
 * @throws FrameError `UNKNOWN_TYPE`
 */
export async function exactNanoseconds(
  engine: Engine,
  files: readonly StagedFile[],
): Promise<readonly StagedFile[]> {
  const paths = files.map(({ localPath }) => localPath);
  const finer = await finerIn(engine, paths);
  if (finer.size === 0) return files;
  const exact: StagedFile[] = [];
  for (const file of files) {
    const names = finer.get(file.localPath);
    exact.push(names ? await copyInNanoseconds(file, names) : file);
  }
  return exact;
}

async function copyInNanoseconds(file: StagedFile, names: readonly string[]): Promise<StagedFile> {
  const localPath = `${file.localPath}${IN_NANOSECONDS}`;
  const copy = { ...file, localPath };
  if ((await cachedSize(localPath)) === file.entry.size) return copy;
  const part = `${localPath}.${randomUUID()}`;
  try {
    await copyFile(file.localPath, part, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    await changeFooter(part, file, names);
    await rename(part, localPath);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  return copy;
}

async function changeFooter(
  path: string,
  { entry }: StagedFile,
  names: readonly string[],
): Promise<void> {
  const handle = await open(path, "r+");
  try {
    const end = Buffer.alloc(END_BYTES);
    await handle.read(end, 0, END_BYTES, entry.size - END_BYTES);
    const footer = Buffer.alloc(end.readUInt32LE(0));
    const start = entry.size - END_BYTES - footer.length;
    await handle.read(footer, 0, footer.length, start);
    const places = CUT.flatMap((type) => placesOf(type, footer));
    if (places.length !== names.length) {
      throw new FrameError(
        "UNKNOWN_TYPE",
        `${entry.path}: nanoseconds cannot be read exactly: ${names.join(", ")}`,
        { hint: "Name the other columns in { columns }, or write the file in microseconds." },
      );
    }
    for (const place of places) WITHOUT_ZONE.copy(footer, place);
    await handle.write(footer, 0, footer.length, start);
  } finally {
    await handle.close();
  }
}

function placesOf(bytes: Buffer, footer: Buffer): number[] {
  const places: number[] = [];
  for (let at = footer.indexOf(bytes); at >= 0; at = footer.indexOf(bytes, at + 1)) places.push(at);
  return places;
}

/**
 * Converts timestamps of a copy to what they are in the file: times, or timestamps with a zone,
 * which stay in nanoseconds in UTC with `strict`.
 *
 * @param copies SQL that reads the copies
 * @param files SQL that reads the files themselves
 */
export async function asWritten(
  engine: Engine,
  copies: string,
  files: string,
  strict: boolean,
): Promise<string> {
  const types = new Map(
    (await prepareColumns(engine, `from ${files}`)).map(({ name, type }) => [name, type]),
  );
  const shown: string[] = [];
  for (const { name, type } of await prepareColumns(engine, `from ${copies}`)) {
    const written = types.get(name) ?? type;
    const column = identifier(name);
    const target = typeOf(type, written);
    if (target !== type.toString()) shown.push(`${column}::${target} as ${column}`);
    else if (written.typeId === DuckDBTypeId.TIMESTAMP_TZ && target === "TIMESTAMP_NS" && !strict)
      shown.push(
        `case when epoch_ns(${column}) % 1000 <> 0 then error(${literal(INEXACT)})
         else ${column}::timestamptz end as ${column}`,
      );
  }
  return shown.length > 0 ? `(select * replace (${shown.join(", ")}) from ${copies})` : copies;
}

/** SQL for the type of a copy's column with the types of the file. */
function typeOf(copy: DuckDBType, written: DuckDBType): string {
  if (copy.typeId === DuckDBTypeId.TIMESTAMP_NS && written.typeId === DuckDBTypeId.TIME) {
    return "TIME_NS";
  }
  if (copy.typeId !== written.typeId) return copy.toString();
  switch (copy.typeId) {
    case DuckDBTypeId.LIST: {
      const [item, other] = [copy, written].map((type) => (type as DuckDBListType).valueType);
      return `${typeOf(item as DuckDBType, other as DuckDBType)}[]`;
    }
    case DuckDBTypeId.MAP: {
      const [a, b] = [copy as DuckDBMapType, written as DuckDBMapType];
      return `MAP(${typeOf(a.keyType, b.keyType)}, ${typeOf(a.valueType, b.valueType)})`;
    }
    case DuckDBTypeId.STRUCT: {
      const { entryNames, entryTypes } = copy as DuckDBStructType;
      const others = (written as DuckDBStructType).entryTypes;
      const parts = entryTypes.map(
        (type, index) =>
          `${identifier(entryNames[index] ?? "")} ${typeOf(type, others[index] ?? type)}`,
      );
      const same = entryTypes.every(
        (type, index) => typeOf(type, others[index] ?? type) === type.toString(),
      );
      return same ? copy.toString() : `STRUCT(${parts.join(", ")})`;
    }
    default:
      return copy.toString();
  }
}
