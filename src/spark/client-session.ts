import { lastWork } from "../core/cell.ts";
import { SparkError } from "../core/errors.ts";
import { bytesText } from "../core/quantity-text.ts";
import { frameOfArrow } from "../frames/arrow-frame.ts";
import type { DataFrame } from "../frames/danfo/danfo-module.ts";
import type { LakeFiles } from "../frames/lake-files.ts";
import { typeText } from "./data-type.ts";
import { execute, limitRows, type RelationInit } from "./execution.ts";
import { argumentsOf, type SparkParameters } from "./literals.ts";
import { localRelations } from "./local-relation.ts";
import {
  AnalyzePlanRequest_Explain_ExplainMode as ExplainMode,
  type Relation,
} from "./protocol/spark-connect_pb.ts";
import { explainError } from "./server-error.ts";
import { type Plan, type SparkClient, withTimeout } from "./spark-client.ts";
import { JobProgress } from "./spark-progress.ts";
import type {
  ExplainPlanMode,
  SparkColumn,
  SparkQueryOptions,
  SparkSession,
  SparkSqlOptions,
  StatementInput,
  Surroundings,
} from "./spark-session.ts";
import { toSparkSql } from "./to-spark-sql.ts";

const MAX_ROWS = 10_000_000;
const MAX_BYTES = 2 * 2 ** 30;

export class ClientSession implements SparkSession {
  readonly url: string;
  readonly version: string | undefined;
  readonly id: string;
  readonly #client: SparkClient;
  readonly #inCell: NonNullable<Surroundings["inCell"]>;
  #isClosed = false;

  constructor(client: SparkClient, version: string | undefined, { inCell }: Surroundings = {}) {
    this.#client = client;
    this.#inCell = inCell ?? ((options, work) => work(options));
    this.url = client.origin;
    this.id = client.sessionId;
    this.version = version;
    closeAtEnd(this);
  }

  async sql(statement: string, options: SparkSqlOptions = {}): Promise<DataFrame> {
    this.#checkOpen();
    return this.#inCell(options, (wired) => this.#frameOf(statement, wired));
  }

  async query(
    lake: LakeFiles,
    statement: string,
    options: SparkQueryOptions = {},
  ): Promise<DataFrame> {
    this.#checkOpen();
    return this.#inCell(options, async (wired: SparkQueryOptions) => {
      const { parameters, read, ...rest } = wired;
      const input = { frames: rest.frames, read, parameters, signal: rest.signal };
      const translated = await toSparkSql(lake, statement, withoutUndefined(input));
      // A server lists a view's files when the view is created, so it is created anew each time.
      for (const view of translated.setup ?? []) {
        await this.#frameOf(view, withoutUndefined({ signal: rest.signal }));
      }
      const values = translated.parameters as SparkParameters | undefined;
      return this.#frameOf(translated.sql, { ...rest, ...(values && { parameters: values }) });
    });
  }

  async #frameOf(statement: string, options: SparkSqlOptions): Promise<DataFrame> {
    options.signal?.throwIfAborted();
    const progress = new JobProgress(options.onProgress);
    const relation = await this.#relationOf(statement, options, progress);
    const { maxRows = MAX_ROWS } = options;
    const limited = limitRows(relation, maxRows, statement);
    const streams =
      rowsIn(relation) ?? (await this.#collect(limited, { ...options, maxRows }, progress));
    const frame = await frameOfArrow(streams, options.signal);
    progress.report("done");
    return frame;
  }

  async schema(statement: string, options: StatementInput = {}): Promise<SparkColumn[]> {
    const plan = {
      opType: { case: "root", value: await this.#input(statement, options) },
    } as const;
    const result = await this.#analyze({ case: "schema", value: { plan } });
    const type = result.case === "schema" ? result.value.schema?.kind : undefined;
    if (type?.case !== "struct") return [];
    return type.value.fields.map(({ name, dataType, nullable }) => ({
      name,
      type: dataType ? typeText(dataType) : "unknown",
      nullable,
    }));
  }

  async explain(
    statement: string,
    options: StatementInput & { mode?: ExplainPlanMode } = {},
  ): Promise<string> {
    const plan = {
      opType: { case: "root", value: await this.#input(statement, options) },
    } as const;
    const explainMode = EXPLAIN_MODES[options.mode ?? "simple"];
    const result = await this.#analyze({ case: "explain", value: { plan, explainMode } });
    return result.case === "explain" ? result.value.explainString : "";
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    open.delete(this);
    try {
      await this.#client.release();
    } catch {
      // A server that cannot be reached ends the session after its own timeout.
    } finally {
      this.#client.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #checkOpen(): void {
    if (!this.#isClosed) return;
    throw new SparkError("CLOSED", `the session at ${this.url} is closed`, {
      hint: "Call connectSpark() for a new one.",
    });
  }

  async #input(statement: string, { parameters, frames }: StatementInput): Promise<RelationInit> {
    const sql = { query: statement.trim().replace(/;+$/, ""), ...argumentsOf(parameters) };
    const root = { relType: { case: "sql", value: sql } } as const;
    const references = localRelations(frames ?? {});
    if (references.length === 0) return root;
    return { relType: { case: "withRelations", value: { root, references } } };
  }

  /** The relation with the rows. A command has been executed when it is returned. */
  async #relationOf(
    statement: string,
    options: SparkSqlOptions,
    progress: JobProgress,
  ): Promise<RelationInit> {
    const input = await this.#input(statement, options);
    if (isSelect(statement)) return input;
    const command = { commandType: { case: "sqlCommand", value: { input } } } as const;
    let relation: Relation | undefined;
    for await (const { responseType } of this.#run(
      { opType: { case: "command", value: command } },
      options,
      progress,
    )) {
      if (responseType.case === "sqlCommandResult") relation = responseType.value.relation;
    }
    if (relation) return relation;
    throw new SparkError("CUT_OFF", `${this.url} has not said what came of the statement`, {
      hint: "Is it a server of Spark Connect?",
    });
  }

  async #collect(
    relation: RelationInit,
    options: SparkSqlOptions & { maxRows: number },
    progress: JobProgress,
  ): Promise<Uint8Array[]> {
    const { maxRows, maxBytes = MAX_BYTES } = options;
    const streams: Uint8Array[] = [];
    let [rows, bytes] = [0, 0];
    const plan = { opType: { case: "root", value: relation } } as const;
    for await (const { responseType } of this.#run(plan, options, progress)) {
      if (responseType.case !== "arrowBatch") continue;
      const { data, rowCount, startOffset } = responseType.value;
      if (startOffset !== undefined && Number(startOffset) !== rows) throw this.#gap();
      rows += Number(rowCount);
      bytes += data.length;
      // Leaving the loop cancels the job.
      if (rows > maxRows) throw tooManyRows(maxRows);
      if (bytes > maxBytes) throw tooManyBytes(maxBytes);
      streams.push(data);
      progress.received(rows, bytes);
    }
    return streams;
  }

  async *#run(plan: Plan, { signal }: SparkSqlOptions, progress: JobProgress) {
    const onReconnect = () => progress.report("reconnecting");
    const { reconnectFor } = this.#client;
    const options = { signal, onReconnect, reconnectFor };
    for await (const response of execute(this.#client, plan, options)) {
      const { responseType } = response;
      if (responseType.case === "executionProgress") progress.stages(responseType.value);
      yield response;
    }
  }

  async #analyze(analyze: NonNullable<AnalyzeRequest["analyze"]>) {
    this.#checkOpen();
    const { calls, requester } = this.#client;
    try {
      return this.#client.noteServerSession(
        await calls.analyzePlan({ ...requester, analyze }, withTimeout()),
      ).result;
    } catch (error) {
      throw await explainError(error, this.#client);
    }
  }

  #gap(): SparkError {
    return new SparkError("CUT_OFF", `rows of a result of ${this.url} are missing`, {
      hint: "Run the statement again.",
    });
  }
}

type AnalyzeRequest = Parameters<SparkClient["calls"]["analyzePlan"]>[0];

const EXPLAIN_MODES: Readonly<Record<ExplainPlanMode, ExplainMode>> = {
  simple: ExplainMode.SIMPLE,
  extended: ExplainMode.EXTENDED,
  codegen: ExplainMode.CODEGEN,
  cost: ExplainMode.COST,
  formatted: ExplainMode.FORMATTED,
};

const open = new Set<ClientSession>();
/** Whether `closeAll` is registered to run at exit. */
let isAtEnd = false;

/** Ends the session when the program or the kernel exits. */
function closeAtEnd(session: ClientSession): void {
  if (!isAtEnd) process.on("beforeExit", closeAll);
  isAtEnd = true;
  lastWork().add(closeAll);
  open.add(session);
}

async function closeAll(): Promise<void> {
  await Promise.all([...open].map((session) => session.close()));
}

type Defined<Options> = { [Name in keyof Options]?: Exclude<Options[Name], undefined> };

function withoutUndefined<Options extends object>(options: Options): Defined<Options> {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Defined<Options>;
}

/** The rows of a local relation, as commands return. */
function rowsIn({ relType }: RelationInit): Uint8Array[] | undefined {
  if (relType?.case !== "localRelation") return undefined;
  const { data } = relType.value;
  return data?.length ? [data] : [];
}

/** Whether a statement is certainly a query; `with` and `from` may begin an insert as well. */
function isSelect(statement: string): boolean {
  const comments = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/;
  return /^(select|values)\b/i.test(statement.replace(comments, ""));
}

function tooManyRows(maxRows: number): SparkError {
  return new SparkError(
    "TOO_LARGE",
    `more than ${maxRows.toLocaleString("en")} rows, the job was stopped`,
    {
      hint: "Let the cluster sum up, add a limit, or write the rows with `create table … as select`. { maxRows } raises the limit.",
    },
  );
}

function tooManyBytes(maxBytes: number): SparkError {
  return new SparkError(
    "TOO_LARGE",
    `more than ${bytesText(maxBytes)} of rows, the job was stopped`,
    {
      hint: "Take fewer columns or rows, or write them with `create table … as select`. { maxBytes } raises the limit.",
    },
  );
}
