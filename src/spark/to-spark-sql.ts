import { describePlace } from "../frames/describe-place.ts";
import { type LakeFiles, refuseNoLake } from "../frames/lake-files.ts";
import { unreadable } from "../frames/read/read-failures.ts";
import type { ReadOptions } from "../frames/read/read-options.ts";
import { identifier as duckName, type Engine, withEngine } from "../frames/sql/engine.ts";
import { type FrameData, makeFrameTable } from "../frames/sql/frame-as-table.ts";
import { type NamedSource, parseStatement } from "../frames/sql/parse-statement.ts";
import { parseSelect, type SqlNode, sqlOf, tablesOf } from "../frames/sql/parse-tree.ts";
import { type Parameter, type Parameters, parameterTypes } from "../frames/sql/sql-parameters.ts";
import { Binder } from "./sql/binder.ts";
import { makeView } from "./sql/make-view.ts";
import { identifier, notInSpark } from "./sql/spark-dialect.ts";
import { StatementPrinter } from "./sql/statement-printer.ts";

export interface TranslationOptions {
  /** Dataframes that the statement uses; Spark needs views of the same names. */
  frames?: Readonly<Record<string, FrameData>>;
  /** How to read files, by the path or pattern as it stands in the statement. */
  read?: Readonly<Record<string, ReadOptions>>;
  /** Values for `?` (a list) or `$name` (an object) in the statement. */
  parameters?: Parameters;
  signal?: AbortSignal | undefined;
}

/** A statement in Spark SQL. */
export interface SparkSql {
  readonly sql: string;
  /** Statements to run first, in the same session; they can be repeated. */
  readonly setup?: readonly string[];
  /** Values of its `:name` parameters; those of `?` are `:p1`, `:p2` and so on. */
  readonly parameters?: Readonly<Record<string, Parameter>>;
}

/**
 * A statement as `query` takes it, in the SQL that Apache Spark and Sail both take, with the lake's
 * paths as temporary views over `abfss://` URLs. Columns keep the names and the order, and values
 * the types, that they have in `query`.
 *
 * What does not exist there is refused by name; nothing is sent. Of each path the files are listed,
 * and of one file as much read as tells its columns.
 *
 *     await toSparkSql(lake, "select origin, count(*) from 'flights/**\/*.parquet' group by all");
 *
 * @throws SparkError `NOT_IN_SPARK`; FrameError `BAD_SQL`, `NO_FILES` and so on; LakeError
 */
export async function toSparkSql(
  lake: LakeFiles,
  sql: string,
  options: TranslationOptions = {},
): Promise<SparkSql> {
  refuseNoLake(lake, "spark.query", "\"from 'sales.csv'\"");
  if (!/^abfss:/i.test(lake.url)) {
    throw notInSpark(
      `files of ${lake.url}`,
      'A cluster reads Data Lake Storage Gen2: openLake("raw"), or abfss://….',
    );
  }
  const statement = sql.trim().replace(/;+$/, "");
  const types = parameterTypes(options.parameters ?? []);
  return withEngine(async (engine) => {
    try {
      return await translate(engine, lake, statement, { ...options, types });
    } catch (error) {
      throw unreadable(error, []);
    }
  }, options.signal);
}

async function translate(
  engine: Engine,
  lake: LakeFiles,
  sql: string,
  {
    frames = {},
    read = {},
    parameters,
    types,
    signal,
  }: TranslationOptions & { types: ParameterTypes },
): Promise<SparkSql> {
  const { sql: written, tree, sources } = await parseStatement(engine, sql);
  if (JSON.stringify(tree).includes('"type":"PIVOT"')) {
    throw notInSpark("pivot", "Write sum(case when … then … end) for each column.");
  }
  for (const [name, frame] of Object.entries(frames)) await makeFrameTable(engine, name, frame);
  const views = new Map<string, string>();
  const setup: string[] = [];
  for (const { name } of tablesOf(tree)) {
    if (Object.hasOwn(frames, name)) continue;
    const { place, ...source } = oneSource(name, sources.get(name));
    const readOptions = { ...source.options, ...(Object.hasOwn(read, place) && read[place]) };
    const description = await describePlace(engine, lake, place, readOptions, signal);
    const columns = description.columns.map(({ name, type }) => `${duckName(name)} ${type}`);
    const view = await makeView(lake, place, description, readOptions, signal);
    await engine.run(`create or replace temp table ${duckName(name)} (${columns.join(", ")})`);
    views.set(name, view.name);
    setup.push(...view.setup);
  }
  // DuckDB reports errors in the statement before anything is sent.
  (await engine.prepare(written ?? (await sqlOf(engine, tree)))).destroySync();
  const empty = nodeOf(await parseSelect(engine, "select null"));
  const tableName = (name: string) => views.get(name) ?? identifier(name);
  const known = await nullsOf(engine, types);
  const printer = new StatementPrinter(new Binder(engine, empty, known), tableName, empty);
  const text = await printer.select(nodeOf(tree), [], true);
  return { sql: text, setup, ...(parameters && { parameters: named(parameters) }) };
}

type ParameterTypes = ReadonlyMap<string, string | undefined>;

/** Typed nulls for the parameters, as syntax trees: DuckDB cannot infer types of unbound ones. */
async function nullsOf(engine: Engine, types: ParameterTypes): Promise<Map<string, SqlNode>> {
  const nulls = new Map<string, SqlNode>();
  for (const [name, type] of types) {
    if (type === undefined) continue;
    const { select_list: items } = nodeOf(
      await parseSelect(engine, `select cast(null as ${type})`),
    );
    const [item] = items as SqlNode[];
    if (item) nulls.set(name, item);
  }
  return nulls;
}

/** The only path or pattern of a table in the statement. */
function oneSource(name: string, source: NamedSource | undefined) {
  const { places = [name], options = {}, isListing } = source ?? {};
  const [place = name, second] = places;
  if (isListing) throw notInSpark("glob()", "lake.list(…) lists files.");
  if (second !== undefined) {
    throw notInSpark("a list of paths", "A pattern stands for several files: 'folder/{a,b}.csv'.");
  }
  if (options.filename) throw notInSpark("filename", "Each row's folder is a column, if named so.");
  return { place, options };
}

function named(parameters: Parameters): Readonly<Record<string, Parameter>> {
  if (!isList(parameters)) return parameters;
  return Object.fromEntries(parameters.map((value, index) => [`p${index + 1}`, value]));
}

function isList(parameters: Parameters): parameters is readonly Parameter[] {
  return Array.isArray(parameters);
}

function nodeOf(tree: SqlNode): SqlNode {
  const [statement] = tree.statements as { node: SqlNode }[];
  if (!statement) throw new TypeError("a parsed statement has a tree");
  return statement.node;
}
