import { BIGINT, DuckDBDataChunk } from "@duckdb/node-api";
import { type Engine, identifier } from "../sql/engine.ts";
import type { RowRange } from "./roaring.ts";

const RANGES_AT_ONCE = 2048;

let tablesSoFar = 0;

/**
 * Makes deleted rows a temporary table of the engine, with the columns `file`, the file's place in
 * the list, and `row`, both counted from 0.
 *
 * @returns the table's name, quoted
 */
export async function makeDeletedRows(
  engine: Engine,
  files: readonly (readonly RowRange[])[],
): Promise<string> {
  const name = `notelake deleted ${tablesSoFar++}`;
  const ranges = `${name} ranges`;
  await engine.run(
    `create temp table ${identifier(ranges)} (file bigint, first bigint, rows bigint)`,
  );
  const appender = await engine.createAppender(ranges, "main", "temp");
  for (const [file, list] of files.entries()) {
    for (let at = 0; at < list.length; at += RANGES_AT_ONCE) {
      const some = list.slice(at, at + RANGES_AT_ONCE);
      const chunk = DuckDBDataChunk.create([BIGINT, BIGINT, BIGINT], some.length);
      const place = BigInt(file);
      chunk.setColumnValues(
        0,
        some.map(() => place),
      );
      chunk.setColumnValues(
        1,
        some.map(({ first }) => BigInt(first)),
      );
      chunk.setColumnValues(
        2,
        some.map(({ rows }) => BigInt(rows)),
      );
      appender.appendDataChunk(chunk);
    }
  }
  appender.closeSync();
  await engine.run(
    `create temp table ${identifier(name)} as
     select file, unnest(range(first, first + rows)) as row from temp.${identifier(ranges)}`,
  );
  await engine.run(`drop table temp.${identifier(ranges)}`);
  return `temp.${identifier(name)}`;
}
