import { type RecordBatch, RecordBatchReader, type Schema } from "apache-arrow";
import { FrameError } from "../core/errors.ts";
import type { DataFrame } from "./danfo/danfo-module.ts";
import { makeFrame } from "./danfo/lazy-frame.ts";
import { loadDanfo } from "./danfo/load-danfo.ts";
import { ArrowAppender } from "./read/arrow/arrow-appender.ts";
import { checkData } from "./read/arrow/arrow-check.ts";
import { columnInPlace } from "./read/arrow/arrow-column.ts";
import { registerCodecs } from "./read/arrow/arrow-table.ts";
import { type Columns, distinct, fetchColumns } from "./read/values/fetch-columns.ts";
import type { FrameColumn } from "./read/values/frame-column.ts";
import { identifier, withEngine } from "./sql/engine.ts";

/**
 * A Danfo DataFrame of Arrow IPC streams, which have one schema. Values are as `loadFrame` has
 * them.
 *
 * @throws FrameError `UNKNOWN_TYPE` for a type that the engine does not have, `BAD_FILE`
 */
export async function frameOfArrow(
  streams: readonly Uint8Array[],
  signal?: AbortSignal,
): Promise<DataFrame> {
  const danfo = loadDanfo();
  const table = readAll(streams);
  return makeFrame(await danfo, table ? await columnsOf(table, signal) : { rows: 0, columns: [] });
}

interface Table {
  readonly schema: Schema;
  readonly batches: readonly RecordBatch[];
}

function readAll(streams: readonly Uint8Array[]): Table | undefined {
  registerCodecs();
  let schema: Schema | undefined;
  const batches: RecordBatch[] = [];
  for (const stream of streams) {
    try {
      const reader = RecordBatchReader.from(stream).open();
      schema ??= reader.schema;
      if (String(reader.schema) !== String(schema))
        throw new Error("its columns change on the way");
      for (const batch of reader) {
        checkData(batch.data);
        if (batch.numRows > 0) batches.push(batch);
      }
    } catch (error) {
      throw damaged(error);
    }
  }
  return schema && { schema, batches };
}

async function columnsOf(table: Table, signal: AbortSignal | undefined): Promise<Columns> {
  const names = distinct(table.schema.fields.map(({ name }) => name));
  const inPlace = table.schema.fields.map(({ type }, index) =>
    columnInPlace(type, names[index] ?? ""),
  );
  const others = names.flatMap((_, index) => (inPlace[index] ? [] : [index]));
  for (const { data } of table.batches) {
    for (const [index, { column, partOf } = NONE] of inPlace.entries()) {
      const child = data.children[index];
      if (child && partOf) column?.add(partOf(child));
    }
  }
  const read = others.length > 0 ? await throughEngine(table, others, names, signal) : [];
  return {
    rows: table.batches.reduce((sum, { numRows }) => sum + numRows, 0),
    columns: names.flatMap(
      (_, index) => inPlace[index]?.column ?? read[others.indexOf(index)] ?? [],
    ),
  };
}

const NONE = { column: undefined, partOf: undefined };

/** Columns of nested types, which the engine writes as JSON. */
async function throughEngine(
  { schema, batches }: Table,
  indices: readonly number[],
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly FrameColumn[]> {
  const places = indices.map((index) => `c${index}`);
  // Two columns of a table may not differ in case only, those of a result may.
  const selected = indices.map((index) => `c${index} as ${identifier(names[index] || "_")}`);
  const { columns } = await withEngine(async (engine) => {
    const fields = schema.selectAt([...indices]);
    const appender = await ArrowAppender.create(engine, TABLE, fields, places);
    for (const batch of batches) {
      signal?.throwIfAborted();
      await appender.add(batch.selectAt([...indices]));
    }
    appender.close();
    const sql = `select ${selected.join(", ")} from ${TABLE}`;
    return fetchColumns(engine, sql, Number.POSITIVE_INFINITY);
  }, signal);
  return columns;
}

const TABLE = "arrow";

function damaged(cause: unknown): FrameError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new FrameError("BAD_FILE", `a result in Arrow is damaged: ${reason}`, {
    hint: "Run the statement again.",
    cause,
  });
}
