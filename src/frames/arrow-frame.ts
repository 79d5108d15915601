import { RecordBatchReader, type Schema } from "apache-arrow";
import { FrameError } from "../core/errors.ts";
import type { DataFrame } from "./danfo/danfo.ts";
import { loadDanfo } from "./danfo/danfo.ts";
import { makeFrame } from "./danfo/lazy-frame.ts";
import { type Engine, identifier, withEngine } from "./engine.ts";
import { giveCodecs } from "./read/arrow.ts";
import { ArrowAppender } from "./read/arrow-appender.ts";
import { fetchColumns } from "./read/fetch-columns.ts";

const TABLE = "notelake arrow";

/**
 * A Danfo DataFrame of the rows of Arrow IPC streams, which have one schema. Values arrive as
 * `loadFrame` has them.
 *
 * @throws FrameError `UNKNOWN_TYPE` for a type that the engine has no like of
 */
export async function frameOfArrow(
  streams: readonly Uint8Array[],
  signal?: AbortSignal,
): Promise<DataFrame> {
  const danfo = loadDanfo();
  const columns = await withEngine(async (engine) => {
    const names = await fill(engine, streams, signal);
    // SQL may give two columns one name, and a table may not have them.
    const selected = names.map((name, index) => `${place(index)} as ${identifier(name || " ")}`);
    if (names.length === 0) return { rows: 0, columns: [] };
    const sql = `select ${selected.join(", ")} from ${identifier(TABLE)}`;
    return fetchColumns(engine, sql, Number.POSITIVE_INFINITY);
  }, signal);
  return makeFrame(await danfo, columns);
}

async function fill(
  engine: Engine,
  streams: readonly Uint8Array[],
  signal: AbortSignal | undefined,
): Promise<string[]> {
  giveCodecs();
  let schema: Schema | undefined;
  let appender: ArrowAppender | undefined;
  for (const stream of streams) {
    signal?.throwIfAborted();
    const reader = RecordBatchReader.from(stream).open();
    schema ??= reader.schema;
    if (schema.fields.length === 0) break;
    appender ??= await ArrowAppender.create(engine, TABLE, schema, schema.fields.map(placeName));
    if (String(reader.schema) !== String(schema)) throw otherSchema();
    for (const batch of reader) appender.add(batch);
  }
  appender?.close();
  return schema?.fields.map(({ name }) => name) ?? [];
}

function placeName(_: unknown, index: number): string {
  return `c${index}`;
}

function place(index: number): string {
  return identifier(placeName(undefined, index));
}

function otherSchema(): FrameError {
  return new FrameError("UNKNOWN_TYPE", "the batches of a result have different columns", {
    hint: "The server changed its mind on the way; run the statement again.",
  });
}
