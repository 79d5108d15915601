import type { DataFrame } from "../frames/danfo/danfo-module.ts";
import type { LakeFiles } from "../frames/lake-files.ts";
import type { ReadOptions } from "../frames/read/read-options.ts";
import type { FrameData } from "../frames/sql/frame-as-table.ts";
import type { Parameters } from "../frames/sql/sql-parameters.ts";
import type { SparkParameters } from "./literals.ts";
import type { OnSparkProgress } from "./spark-progress.ts";

/** Options and limits of a statement. */
export interface SparkSqlOptions {
  /** Values for `?` (a list) or `:name` (an object) in the statement. */
  parameters?: SparkParameters;
  /** Dataframes to use as tables, by name: up to 64 MB, on Spark 4.0 or later. */
  frames?: Readonly<Record<string, FrameData>>;
  /** Maximum rows of the result; the job is cancelled beyond that. Default 10,000,000. */
  maxRows?: number;
  /** Maximum Arrow bytes of the result; the job is cancelled beyond that. Default 2 GiB. */
  maxBytes?: number;
  /** Cancels the job on the cluster when aborted. */
  signal?: AbortSignal | undefined;
  onProgress?: OnSparkProgress;
}

/** Options of `SparkSession.query`. */
export interface SparkQueryOptions extends Omit<SparkSqlOptions, "parameters"> {
  /** Values for `?` (a list) or `$name` (an object) in the statement. */
  parameters?: Parameters;
  /** How to read files, by the path or pattern as it stands in the statement. */
  read?: Readonly<Record<string, ReadOptions>>;
}

/** A column of a statement's result. */
export interface SparkColumn {
  readonly name: string;
  /** Spark's type, such as `decimal(10,2)` or `array<string>`. */
  readonly type: string;
  readonly nullable: boolean;
}

/** What a statement consists of. */
export type StatementInput = Pick<SparkSqlOptions, "parameters" | "frames">;

/** Mode of `explain`. */
export type ExplainPlanMode = "simple" | "extended" | "codegen" | "cost" | "formatted";

export type CellOptions = Pick<SparkSqlOptions, "signal" | "onProgress">;

/** What a notebook provides to a session. */
export interface Surroundings {
  /** Calls `work` with the running cell's signal and a progress display added. */
  readonly inCell?: <Options extends CellOptions, T>(
    options: Options,
    work: (options: Options) => Promise<T>,
  ) => Promise<T>;
}

/** A session on a Spark server: its temporary views and settings last as long as it does. */
export interface SparkSession extends AsyncDisposable {
  /** The server's address, as `https://host:port`. */
  readonly url: string;
  /** Version of Spark, if the server reports it. */
  readonly version: string | undefined;
  readonly id: string;

  /**
   * Runs a statement in Spark's SQL on the cluster, whatever it is: a query, DDL, an insert. The
   * rows of its result come here, so sum up on the cluster what is large.
   *
   * @returns the result as a Danfo DataFrame, with the values as `query` has them; without columns
   *   for a statement that has none
   * @throws SparkError `BAD_SQL`, `TOO_LARGE`, `FORBIDDEN`, `NO_SERVER`, `LOST`, `CUT_OFF`, …
   * @example
   * await spark.sql("select origin, count(*) as flights from flights group by origin");
   * await spark.sql("select * from flights where day > ?", { parameters: [new Date("2013-06-01")] });
   */
  sql(statement: string, options?: SparkSqlOptions): Promise<DataFrame>;

  /**
   * Runs a `select` statement as `query` takes it, in DuckDB's SQL over files of a lake, but on the
   * cluster: that reads the files by itself, with its own rights, and the rows of the result come
   * here.
   *
   * @param lake what `openLake` opened; it tells which files and columns there are
   * @returns the same dataframe as `query`; sums of doubles may differ in the last digit, and Sail
   *   takes `""` of a CSV file for null
   * @throws SparkError `NOT_IN_SPARK` for what Spark has no like of, and those of `sql`; FrameError
   *   `BAD_SQL`, `NO_FILES`, …; LakeError
   * @example
   * await spark.query(lake, "select origin, count(*) as flights from 'flights/**\/*.parquet' group by all");
   */
  query(lake: LakeFiles, statement: string, options?: SparkQueryOptions): Promise<DataFrame>;

  /**
   * The columns of a statement's result, without running it.
   * @throws SparkError `BAD_SQL`
   */
  schema(statement: string, options?: StatementInput): Promise<SparkColumn[]>;

  /**
   * The cluster's execution plan of a statement, as text.
   *
   * @param options `mode` is `simple` (the physical plan, the default), `extended`, `codegen`,
   *   `cost` or `formatted`
   * @throws SparkError `BAD_SQL`
   */
  explain(
    statement: string,
    options?: StatementInput & { mode?: ExplainPlanMode },
  ): Promise<string>;

  /** Ends the session on the server, with all its running operations. */
  close(): Promise<void>;
}
