import type { StagedFile } from "../../cache/stage.ts";
import { partitionArguments } from "../../discover/hive-partitions.ts";
import { type Engine, identifier, literal, literals } from "../../sql/engine.ts";
import { fileColumnSql } from "../file-column.ts";
import { badValue } from "../read-failures.ts";
import type { ReadOptions, Source, SourceColumn } from "../read-options.ts";
import { uniteSchemas } from "../unite-schemas.ts";
import {
  guessedColumn,
  inexactText,
  misread,
  type NumberSigns,
  requestedColumn,
  requestedTypes,
} from "./csv-column-types.ts";
import { signsOf } from "./csv-scan.ts";
import { asUtf8 } from "./encoding.ts";
import { type CsvLayout, findCsvLayout, linesOf } from "./find-csv-layout.ts";

/**
 * CSV files as one source. With `strict`, column types are inferred from all rows; without it from
 * the first ones, and a later row that is not exact in its type fails (see `needsStrictInference`),
 * because the engine would round `2.5` to an integer and cut the time off a date.
 */
export async function csvSource(
  engine: Engine,
  staged: readonly StagedFile[],
  partitions: ReadonlyMap<string, string>,
  options: ReadOptions,
  strict: boolean,
  hasFiles: boolean,
): Promise<Source> {
  const files = await asUtf8(staged, options.encoding);
  // In parallel with the engine's sniffing.
  const scanning = numberSigns(files, options);
  scanning.catch(() => {}); // awaited below
  const first = await findLayouts(engine, files, options, strict);
  const isWide = first.some(({ columns }) => columns.length > WIDE);
  const readsAllRows = strict || isWide;
  const layouts =
    readsAllRows === strict ? first : await findLayouts(engine, files, options, readsAllRows);
  const signs = await scanning;
  const schemas = layouts.map(({ file, columns }) => ({ file, columns }));
  const types = new Map(uniteSchemas(schemas, options).map(({ name, type }) => [name, type]));
  const requested = await requestedTypes(engine, options);
  if (readsAllRows) {
    for (const layout of layouts) {
      await demoteInexact(engine, layout, types, options);
      await refuseMisread(engine, layout, readAsText(layout), requested, options);
    }
  }
  const folders = new Map([...partitions].map(([key, type]) => [key, requested.get(key) ?? type]));
  const more = [...folders.keys()].filter((key) => !types.has(key)).map(identifier);
  const selects = [...groupAlike(layouts).values()].map((group) => {
    const columns = (group[0]?.columns ?? []).map(({ name }) => {
      const type = requested.get(name);
      return type
        ? requestedColumn(name, type, options, readsAllRows)
        : guessedColumn(name, types.get(name) ?? "VARCHAR", options, readsAllRows, signs);
    });
    const shown = columns.map(({ sql }) => sql);
    const of = group.map(({ file }) => file);
    const path = hasFiles ? [fileColumnSql(of, [...types.keys(), ...partitions.keys()])] : [];
    return `select ${[...shown, ...more, ...path].join(", ")} from ${reader(group, columns, folders)}`;
  });
  return { sql: `(${selects.join(" union all by name ")})` };
}

// The engine takes long to prepare tests for so many columns: strict inference is faster.
const WIDE = 200;

async function findLayouts(
  engine: Engine,
  files: readonly StagedFile[],
  options: ReadOptions,
  strict: boolean,
): Promise<CsvLayout[]> {
  const layouts: CsvLayout[] = [];
  for (const file of files) layouts.push(await findCsvLayout(engine, file, options, strict));
  return layouts;
}

async function numberSigns(
  files: readonly StagedFile[],
  { decimal }: ReadOptions,
): Promise<NumberSigns> {
  const signs = { hasLongNumbers: decimal === ",", hasUnderscores: false };
  for (const { localPath } of files) {
    const { hasLongNumbers, hasUnderscores } = await signsOf(localPath);
    signs.hasLongNumbers ||= hasLongNumbers;
    signs.hasUnderscores ||= hasUnderscores;
  }
  return signs;
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

/** All columns of a file as text, for `from`. */
function readAsText(layout: CsvLayout): string {
  const columns = layout.columns.map(({ name }) => ({ name, type: "VARCHAR" }));
  return reader([layout], columns, new Map());
}

const TESTS_AT_ONCE = 50;

/** Makes columns with inexact values text. */
async function demoteInexact(
  engine: Engine,
  layout: CsvLayout,
  types: Map<string, string>,
  options: ReadOptions,
): Promise<void> {
  const tests = layout.columns.flatMap(({ name }) => {
    const test = inexactText(identifier(name), types.get(name) ?? "VARCHAR", options);
    return test ? [{ name, sql: `coalesce(bool_or(${test}), false)` }] : [];
  });
  // Preparing a statement takes time quadratic in its tests.
  for (let start = 0; start < tests.length; start += TESTS_AT_ONCE) {
    const some = tests.slice(start, start + TESTS_AT_ONCE);
    const result = await engine.runAndReadAll(
      `select ${some.map(({ sql }) => sql).join(", ")} from ${readAsText(layout)}`,
    );
    const verdicts = result.getRowsJson()[0] ?? [];
    for (const [index, { name }] of some.entries()) {
      if (verdicts[index] === true) types.set(name, "VARCHAR");
    }
  }
}

/**
 * Refuses texts that the engine would misread in the requested types, without an error.
 *
 * @param asText all columns of the layout as text, for `from`
 * @throws FrameError `BAD_ROW` with the file and the line
 */
async function refuseMisread(
  engine: Engine,
  layout: CsvLayout,
  asText: string,
  requested: ReadonlyMap<string, string>,
  options: ReadOptions,
): Promise<void> {
  for (const { name } of layout.columns) {
    const type = requested.get(name);
    const test = type && misread("value", type, options);
    if (!test) continue;
    const result = await engine.runAndReadAll(
      `select value, row::int from (select ${identifier(name)} as value, row_number() over () as row
       from ${asText}) where ${test} order by row limit 1`,
    );
    const [value, row] = result.getRowsJson()[0] ?? [];
    if (typeof value !== "string") continue;
    const place = await placeOf(engine, layout, value, Number(row), options);
    throw badValue(layout.file.entry.path, { ...place, column: name, value, type });
  }
}

/** The line of a row: empty lines and line breaks in quotes come before it. */
async function placeOf(
  engine: Engine,
  { file }: CsvLayout,
  value: string,
  row: number,
  options: ReadOptions,
): Promise<{ line: number; text?: string }> {
  const { skip = 0, header = true } = options;
  const first = row + skip + (header ? 1 : 0);
  const result = await engine.runAndReadAll(
    `select place::int, line from (select line, row_number() over () + ${skip} as place
     from ${linesOf(file, options)}) where place >= ${first} and contains(line, ${literal(value)})
     order by place limit 1`,
  );
  const [line, text] = result.getRowsJson()[0] ?? [];
  return line ? { line: Number(line), text: String(text) } : { line: first };
}
