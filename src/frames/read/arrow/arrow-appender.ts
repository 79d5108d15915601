import { type DuckDBAppender, DuckDBDataChunk } from "@duckdb/node-api";
import type { RecordBatch, Schema } from "apache-arrow";
import { type Engine, identifier } from "../../sql/engine.ts";
import { checkData } from "./arrow-check.ts";
import { type ArrowPlan, planOfField } from "./arrow-types.ts";

const ROWS_AT_ONCE = 2048;

/** Appends batches of Arrow to a table of the engine. */
export class ArrowAppender {
  readonly #appender: DuckDBAppender;
  readonly #plans: readonly ArrowPlan[];

  private constructor(appender: DuckDBAppender, plans: readonly ArrowPlan[]) {
    this.#appender = appender;
    this.#plans = plans;
  }

  /**
   * Creates or replaces the table.
   *
   * @param names of the columns, in the order of the schema's
   * @throws FrameError `UNKNOWN_TYPE`
   */
  static async create(
    engine: Engine,
    table: string,
    schema: Schema,
    names: readonly string[],
  ): Promise<ArrowAppender> {
    const plans = schema.fields.map((field) => planOfField(field, field.name));
    const columns = plans.map(({ type }, index) => `${identifier(names[index] ?? "")} ${type}`);
    await engine.run(`create or replace temp table ${identifier(table)} (${columns.join(", ")})`);
    return new ArrowAppender(await engine.createAppender(table, "main", "temp"), plans);
  }

  /**
   * @param pause called now and then, to let other work run
   * @throws Error whose message says what is damaged
   */
  async add(batch: RecordBatch, pause?: () => Promise<void>): Promise<void> {
    checkData(batch.data);
    const readers = this.#plans.map(({ reader }, index) => {
      const data = batch.data.children[index];
      return data ? reader(data) : () => null;
    });
    const types = this.#plans.map(({ type }) => type);
    for (let start = 0; start < batch.numRows; start += ROWS_AT_ONCE) {
      await pause?.();
      const rows = Math.min(ROWS_AT_ONCE, batch.numRows - start);
      const chunk = DuckDBDataChunk.create(types, rows);
      for (const [index, read] of readers.entries()) {
        chunk.setColumnValues(
          index,
          Array.from({ length: rows }, (_, row) => read(start + row)),
        );
      }
      this.#appender.appendDataChunk(chunk);
    }
  }

  close(): void {
    this.#appender.closeSync();
  }
}
