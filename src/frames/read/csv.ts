import { type Engine, identifier, literal, literals } from "../engine.ts";
import type { StagedFile } from "../staging.ts";
import { type CsvLayout, findCsvLayout } from "./csv-dialect.ts";
import { DOUBT } from "./failures.ts";
import { partitionArguments } from "./partitions.ts";
import type { ReadOptions, Source, SourceColumn } from "./read-options.ts";
import { unite } from "./schemas.ts";

/**
 * CSV files as one source. With `thorough`, column types are settled by all rows; without it by the
 * first ones, and a later row that does not fit exactly fails with a doubt (see `isDoubt`), because
 * the engine's own casts would round `2.5` to an integer and cut the time off a date.
 */
export async function csvSource(
  engine: Engine,
  files: readonly StagedFile[],
  partitions: ReadonlyMap<string, string>,
  options: ReadOptions,
  thorough: boolean,
): Promise<Source> {
  const layouts: CsvLayout[] = [];
  for (const file of files) layouts.push(await findCsvLayout(engine, file, options, thorough));
  const schemas = layouts.map(({ file, columns }) => ({ file, columns }));
  const types = new Map(unite(schemas, options).map(({ name, type }) => [name, type]));
  if (thorough) await demoteInexact(engine, layouts, types);
  for (const [name, type] of Object.entries(options.types ?? {})) types.set(name, type);
  const selects = [...groupAlike(layouts).values()].map((group) => {
    const columns = group[0]?.columns ?? [];
    const asked = new Set(Object.keys(options.types ?? {}));
    const formatted = (name: string) => asked.has(name) || hasFormat(types.get(name), options);
    const direct = (name: string) => thorough || formatted(name);
    const read = columns.map(({ name }) => ({
      name,
      type: direct(name) ? (types.get(name) ?? "VARCHAR") : rawType(types.get(name)),
    }));
    const shown = columns.map(({ name }) =>
      direct(name) ? identifier(name) : guarded(name, types.get(name)),
    );
    const more = [...partitions.keys()].filter((key) => !types.has(key)).map(identifier);
    return `select ${[...shown, ...more].join(", ")} from ${reader(group, read, partitions)}`;
  });
  return { sql: `(${selects.join(" union all by name ")})` };
}

function reader(
  group: readonly CsvLayout[],
  columns: readonly SourceColumn[],
  partitions: ReadonlyMap<string, string>,
): string {
  const paths = literals(group.map(({ file }) => file.localPath));
  const types = columns.map(({ name, type }) => `${literal(name)}: ${literal(type)}`);
  const dialect = group[0]?.dialect.replace(/, *$/, "");
  return `read_csv(${paths}, ${dialect}, auto_detect = false, columns = {${types.join(", ")}},
    ${partitionArguments(partitions)})`;
}

function groupAlike(layouts: readonly CsvLayout[]): Map<string, CsvLayout[]> {
  const groups = new Map<string, CsvLayout[]>();
  for (const layout of layouts) {
    const key = JSON.stringify([layout.dialect, layout.columns.map(({ name }) => name)]);
    const group = groups.get(key);
    if (group) group.push(layout);
    else groups.set(key, [layout]);
  }
  return groups;
}

function hasFormat(type: string | undefined, options: ReadOptions): boolean {
  if (type === "DATE") return options.dateFormat !== undefined;
  return type === "TIMESTAMP" && options.timestampFormat !== undefined;
}

/** The type in which nothing of a field is lost before `guarded` has seen it. */
function rawType(type: string | undefined): string {
  return type === "BIGINT" || type === "DOUBLE" ? "DOUBLE" : "VARCHAR";
}

const SAFE = "9007199254740991";

/** The column cast to its guessed type, failing where a value would not survive that unchanged. */
function guarded(name: string, type: string | undefined): string {
  const column = identifier(name);
  const test = exact(column, type);
  if (!test) return column;
  const cast = type === "DOUBLE" ? column : `${column}::${type}`;
  return `case when ${column} is null then null when ${test} then ${cast}
    else error(${literal(DOUBT)}) end as ${column}`;
}

function exact(column: string, type: string | undefined): string | undefined {
  const zone = `(ends_with(${column}, 'Z') or regexp_matches(substr(${column}, 17), '[-+]'))`;
  switch (type) {
    case "BIGINT":
      return `${column} = trunc(${column}) and abs(${column}) <= ${SAFE}`;
    case "DOUBLE":
      return `(abs(${column}) <= ${SAFE} or ${column} <> trunc(${column}) or not isfinite(${column}))`;
    case "BOOLEAN":
      return `lower(${column}) in ('true', 'false')`;
    case "DATE":
      return `length(${column}) = 10`;
    case "TIMESTAMP":
      return `(length(${column}) <= 26 and not ${zone})`;
    case "TIMESTAMP WITH TIME ZONE":
      return `(length(${column}) <= 32 and ${zone})`;
    default:
      return undefined;
  }
}

/** Same test on text, for columns whose type was settled by all rows. */
function exactText(column: string, type: string): string | undefined {
  if (type === "DOUBLE") return `not regexp_full_match(trim(${column}), '[-+]?[0-9]{16,}')`;
  if (type === "BIGINT" || type === "DATE") return undefined;
  return exact(column, type);
}

/** Makes text of the columns that hold values which no type keeps whole. */
async function demoteInexact(
  engine: Engine,
  layouts: readonly CsvLayout[],
  types: Map<string, string>,
): Promise<void> {
  for (const layout of layouts) {
    const asText = layout.columns.map(({ name }) => ({ name, type: "VARCHAR" }));
    const tests = layout.columns.flatMap(({ name }) => {
      const test = exactText(identifier(name), types.get(name) ?? "VARCHAR");
      return test ? [{ name, sql: `coalesce(bool_and(${test}), true)` }] : [];
    });
    if (tests.length === 0) continue;
    const result = await engine.runAndReadAll(
      `select ${tests.map(({ sql }) => sql).join(", ")} from ${reader([layout], asText, new Map())}`,
    );
    const verdicts = result.getRowsJson()[0] ?? [];
    for (const [index, { name }] of tests.entries()) {
      if (verdicts[index] === false) types.set(name, "VARCHAR");
    }
  }
}
