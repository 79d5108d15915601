import { type Engine, identifier, literal } from "../../sql/engine.ts";
import { badValue } from "../read-failures.ts";
import type { ReadOptions } from "../read-options.ts";
import { misread } from "./csv-column-types.ts";
import { type CsvLayout, linesOf } from "./csv-dialect.ts";

/**
 * Refuses the texts which the engine would misread, without a word, in the types that were asked for.
 *
 * @param asText all columns of the layout as text, to stand behind `from`
 * @throws FrameError `BAD_ROW` with the file and the line
 */
export async function refuseMisread(
  engine: Engine,
  layout: CsvLayout,
  asText: string,
  asked: ReadonlyMap<string, string>,
  options: ReadOptions,
): Promise<void> {
  for (const { name } of layout.columns) {
    const type = asked.get(name);
    const test = type && misread("value", type, options);
    if (!test) continue;
    const found = await engine.runAndReadAll(
      `select value, row::int from (select ${identifier(name)} as value, row_number() over () as row
       from ${asText}) where ${test} order by row limit 1`,
    );
    const [value, row] = found.getRowsJson()[0] ?? [];
    if (typeof value !== "string") continue;
    const place = await placeOf(engine, layout, value, Number(row), options);
    throw badValue(layout.file.entry.path, { ...place, column: name, value, type });
  }
}

/** The line of a row, below which empty lines and line breaks in quotes may have moved it. */
async function placeOf(
  engine: Engine,
  { file }: CsvLayout,
  value: string,
  row: number,
  options: ReadOptions,
): Promise<{ line: number; text?: string }> {
  const { skip = 0, header = true } = options;
  const first = row + skip + (header ? 1 : 0);
  const found = await engine.runAndReadAll(
    `select place::int, line from (select line, row_number() over () + ${skip} as place
     from ${linesOf(file, options)}) where place >= ${first} and contains(line, ${literal(value)})
     order by place limit 1`,
  );
  const [line, text] = found.getRowsJson()[0] ?? [];
  return line ? { line: Number(line), text: String(text) } : { line: first };
}
