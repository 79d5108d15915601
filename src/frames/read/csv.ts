import { type Engine, identifier, literal, literals } from "../engine.ts";
import type { StagedFile } from "../staging.ts";
import { type CsvLayout, findCsvLayout } from "./csv-dialect.ts";
import { asUtf8 } from "./encoding.ts";
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
  staged: readonly StagedFile[],
  partitions: ReadonlyMap<string, string>,
  options: ReadOptions,
  thorough: boolean,
): Promise<Source> {
  const files = await asUtf8(staged, options.encoding);
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

/** The column cast to its guessed type, failing where a value would not survive that unchanged. */
function guarded(name: string, type: string | undefined): string {
  const column = identifier(name);
  const test = inexact(column, type);
  if (!test) return column;
  const cast = type === "DOUBLE" ? column : `${column}::${type}`;
  // The engine runs through a `case` fast where all rows take the same branch, nulls included.
  return `case when ${test} then error(${literal(DOUBT)}) else ${cast} end as ${column}`;
}

const SAFE = "9007199254740991";

/** True for a value that a column of `type` would not keep as it is written. */
function inexact(column: string, type: string | undefined): string | undefined {
  const whole = `${column}::bigint`;
  const zone = `(ends_with(${column}, 'Z') or regexp_matches(substr(${column}, 17), '[-+]'))`;
  // The usual shape has no room for a zone, and is quicker to tell than that there is none.
  const isUsual = `(${column} like '____-__-_____:__:__' and not ends_with(${column}, 'Z'))`;
  switch (type) {
    case "BIGINT":
      return `${column} <> ${whole}::double or ${whole} > ${SAFE} or ${whole} < -${SAFE}`;
    case "DOUBLE":
      // Infinity too: it may be written so, or be a number that is too large.
      return `abs(${column}) > ${SAFE}::double and ${column} = trunc(${column})`;
    case "BOOLEAN":
      return `lower(${column}) not in ('true', 'false')`;
    case "DATE":
      return `strlen(${column}) <> 10`;
    case "TIMESTAMP":
      return `not ${isUsual} and (strlen(${column}) > 26 or ${zone} or ${saysMoment(column)})`;
    case "TIMESTAMP WITH TIME ZONE":
      return `strlen(${column}) > 32 or not ${zone}`;
    default:
      return undefined;
  }
}

/** True for the words that the engine takes for a date or a time. */
function saysMoment(column: string): string {
  return `lower(trim(${column})) in ('epoch', 'infinity', '-infinity')`;
}

/** The same of text, for columns whose type was settled by all rows. */
function inexactText(column: string, type: string): string | undefined {
  if (type === "DOUBLE") {
    const tooLarge = `isinf(try_cast(${column} as double)) and regexp_matches(${column}, '[0-9]')`;
    return `regexp_full_match(trim(${column}), '[-+]?[0-9]{16,}') or ${tooLarge}`;
  }
  if (type === "DATE") return saysMoment(column);
  if (type === "BIGINT") return undefined;
  return inexact(column, type);
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
      const test = inexactText(identifier(name), types.get(name) ?? "VARCHAR");
      return test ? [{ name, sql: `coalesce(bool_or(${test}), false)` }] : [];
    });
    if (tests.length === 0) continue;
    const result = await engine.runAndReadAll(
      `select ${tests.map(({ sql }) => sql).join(", ")} from ${reader([layout], asText, new Map())}`,
    );
    const verdicts = result.getRowsJson()[0] ?? [];
    for (const [index, { name }] of tests.entries()) {
      if (verdicts[index] === true) types.set(name, "VARCHAR");
    }
  }
}
