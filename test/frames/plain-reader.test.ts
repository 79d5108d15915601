import { rm } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadedColumns } from "../../src/frames/danfo/lazy-frame.ts";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { PartCollector } from "../../src/frames/read/plain-csv/collect-parts.ts";
import { columnsOf } from "../../src/frames/read/plain-csv/csv-column.ts";
import type { CellKind, CsvPart, PlainResult } from "../../src/frames/read/plain-csv/csv-part.ts";
import { ParquetFile } from "../../src/frames/read/plain-csv/parquet-file.ts";
import { type FileSpan, PlainReader } from "../../src/frames/read/plain-csv/plain-reader.ts";
import type { RowParser, RowSink } from "../../src/frames/read/plain-csv/row-parser.ts";
import { fileIn, memoryFor } from "../../src/frames/read/plain-csv/rows-program.ts";
import type { Columns } from "../../src/frames/read/values/fetch-columns.ts";
import { FolderLake } from "./folder-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";

// The own reader of CSV against the strict one: whatever it takes, it reads the same.

const lake = new FolderLake(scratchFolder());

/** So few bytes at once that most files have several parts. */
const STEP = 600;

/** What the strict reading makes of it, or the code of its refusal. */
async function strictly(text: string | Uint8Array, columns?: readonly string[]): Promise<unknown> {
  await lake.write("t.csv", text);
  const options = columns ? { columns } : {};
  try {
    return shown(loadedColumns(await loadFrame(lake, "t.csv", options)) as Columns);
  } catch (error) {
    return (error as { code: string }).code;
  }
}

/** Everything that can be told of columns; the parts of them first. */
function shown({ rows, columns }: Columns) {
  return {
    rows,
    columns: columns.map((column) => ({
      nulls: column.nulls,
      isInt32: column.isInt32,
      part: column.slice(1, 4),
      ...{ name: column.name, type: column.type, kind: column.kind, values: column.values },
      same: column.values.slice(1, 4),
      count: column.nulls,
    })),
  };
}

/** How often a column became one of something else. */
let restarts = 0;

/** What the own reader makes of it; undefined where it falls back. */
function plainly(
  text: string | Uint8Array,
  cuts: readonly number[] = [],
  steps: readonly number[] = [],
  kinds?: readonly CellKind[],
): ReturnType<typeof shown> | undefined {
  const parts = new PartCollector();
  const read = readPlainly(text, parts, { cuts, steps, kinds });
  if (read?.otherKinds) {
    restarts += 1;
    return plainly(text, cuts, steps, read.otherKinds);
  }
  return read && shown(columnsOf(resultOf(read.parser, parts.parts), read.bytes));
}

/** The same as the engine reads it, by way of Parquet. */
async function throughParquet(text: string, wanted?: readonly string[]) {
  const path = join(lake.root, "t.parquet");
  const write = async (kinds?: readonly CellKind[]): Promise<RowParser | undefined> => {
    await rm(path, { force: true });
    const file = new ParquetFile(path);
    const how = { cuts: [text.length >> 1], wanted: wanted && new Set(wanted), kinds };
    const read = readPlainly(text, file, how);
    const others = read?.otherKinds;
    const isWritten = read && !others && file.end();
    file.close();
    return !read || isWritten ? read?.parser : write(others ?? read.parser.kinds);
  };
  if (!(await write())) return undefined;
  return shown(loadedColumns(await loadFrame(lake, "t.parquet")) as Columns);
}

interface HowToRead {
  readonly cuts?: readonly number[];
  readonly steps?: readonly number[];
  readonly wanted?: ReadonlySet<string> | undefined;
  readonly kinds?: readonly CellKind[] | undefined;
}

function readPlainly(
  text: string | Uint8Array,
  sink: RowSink,
  { cuts = [], steps = [], wanted, kinds }: HowToRead,
) {
  const content = Buffer.from(text);
  const size = content.length;
  const borders = [0, ...new Set(cuts.filter((cut) => cut > 0 && cut < size)), size].sort(
    (a, b) => a - b,
  );
  const spans: FileSpan[] = borders
    .slice(1)
    .map((end, index) => ({ start: borders[index] ?? 0, end }));
  const memory = memoryFor(size);
  const bytes = fileIn(memory, size);
  const reader = new PlainReader(memory, { size, spans, requested: wanted, kinds }, sink, STEP);
  const arrived = spans.map(() => 0);
  for (let step = 0; ; step++) {
    const state = reader.advance(arrived);
    if (state === "fallback") return undefined;
    if (state === "done" || state === "again") {
      return { parser: reader.parser as RowParser, otherKinds: reader.otherKinds, bytes };
    }
    if (state === "more") continue;
    // Some more bytes of one of the spans arrive, or of all, once the steps are used up.
    const which = step < steps.length ? (steps[step] as number) % spans.length : undefined;
    let added = 0;
    for (const [index, { start, end }] of spans.entries()) {
      if (which !== undefined && which !== index) continue;
      const before = arrived[index] as number;
      const count = which === undefined ? end - start - before : Math.min(7, end - start - before);
      content.copy(bytes, start + before, start + before, start + before + count);
      arrived[index] = before + count;
      added += count;
    }
    if (which === undefined && added === 0) throw new Error("the reader waits for nothing");
  }
}

function resultOf({ columns }: RowParser, parts: readonly CsvPart[]): PlainResult {
  return { names: columns.map(({ name }) => name), kinds: columns.map(({ kind }) => kind), parts };
}

const two = (value: number) => String(value).padStart(2, "0");
const day = fc.date({
  min: new Date("1900-01-01"),
  max: new Date("2200-01-01"),
  noInvalidDate: true,
});
const dayText = day.map((date) => date.toISOString().slice(0, 10));
const momentText = day.map((date) => date.toISOString().slice(0, 19).replace("T", " "));
const KINDS: Record<string, fc.Arbitrary<string>> = {
  small: fc.integer({ min: -1000, max: 1000 }).map(String),
  whole: fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 }).map(String),
  decimal: fc.tuple(fc.integer(), fc.nat(99)).map(([a, b]) => `${a}.${two(b)}`),
  double: fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }).map(String),
  // Near what a double just holds, and just does not.
  long: fc
    .tuple(fc.nat(99_999_999), fc.nat(99_999_999))
    .map(([a, b]) => `${a}.${String(b).padStart(8, "0")}`),
  boolean: fc.constantFrom("true", "false", "True", "FALSE"),
  day: dayText,
  // At times a day that the month does not have.
  end: fc
    .tuple(
      fc.integer({ min: 1896, max: 1904 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 28, max: 31 }),
    )
    .map(([year, month, day]) => `${year}-${two(month)}-${two(day)}`),
  moment: momentText,
  millis: day.map((date) => date.toISOString().slice(0, 23).replace("T", " ")),
  iso: day.map((date) => date.toISOString().slice(0, 19)),
  instant: day.map((date) => date.toISOString()),
  text: fc
    .string({ unit: "grapheme", maxLength: 30 })
    .map((each) => `x${each.replace(/[\p{Cc}",;|]/gu, "")}`),
  word: fc.constantFrom("Ann", "Bob", "Zoë", "Łódź", "the quick brown fox jumps over the lazy dog"),
  flag: fc.constantFrom("Y", "N", "yes", "No", "t", "F", "on", "OFF"),
  missing: fc.constantFrom(
    "None",
    "null",
    "NULL",
    "NA",
    "now",
    "epoch",
    "-",
    "--",
    "?",
    ".",
    "..",
    "*",
  ),
  empty: fc.constant(""),
};
const ODD = (
  " 5|5 |+5|007|-0|0.0|-0.0|1e5|1.|.5|0x1F|1_000|nan|inf|t|f|yes|2024-02-30|2024-01-01|2024-1-1|12/11/2013|" +
  "2024-01-01 00:00:00|2024-01-01T00:00:00|2024-01-01T00:00:00Z|2024-01-01 10:00|2024-01-01 00:00:00.123456|" +
  "2024-01-01 24:00:00|2024-01-01 23:59:60|12:30:00|epoch|infinity|null|NULL|é| a|a |x\ty|#x|'x'|\\N|\0|" +
  "99999999999999999999|123456789012345|1234567890123456|9007199254740993|0.1234567890123456|1.5000000000000000000|" +
  '0.30000000000000004|123456789012345.5|0.00000001|00.5|0000-01-01|2024-01-01 00:00:00+01|true|False|1,5|a\rb|"q"|\r|' +
  "N/A|NA|n/a|None|y|N|no|on|off|-|--|.|...|?|*|-.|T|F|now|tomorrow|NaT|unknown|A123|12 kg|-|T12:00|e5|x1F|Jan 5 2024|Monday|Europe/Berlin|P1Y|today|Infinity5"
).split("|");
const odd = fc.constantFrom(...ODD);
const late = fc.constantFrom(
  "-",
  "?",
  ".",
  "*",
  "N/A",
  "unknown",
  "None",
  "y",
  "null",
  "epoch",
  "now",
  "A123",
  "Ann",
  "é",
  "x 5",
);
const column = fc.constantFrom(...Object.keys(KINDS)).chain((kind) => {
  const usual = KINDS[kind] as fc.Arbitrary<string>;
  const cell = fc.oneof(
    { arbitrary: usual, weight: 30 },
    { arbitrary: fc.constant(""), weight: 4 },
  );
  return fc.record({
    name: fc.constant(kind),
    cells: fc.array(cell, { minLength: 12, maxLength: 12 }),
    // Seldom, something else is among them.
    other: fc.option(fc.tuple(fc.nat(11), fc.oneof(odd, column0)), { freq: 1 }),
  });
});
const column0 = fc.oneof(...Object.values(KINDS));
const table = fc.record({
  columns: fc.array(column, { minLength: 2, maxLength: 4 }),
  rows: fc.integer({ min: 1, max: 12 }),
  lineEnd: fc.constantFrom("\n", "\n", "\r\n"),
  hasLast: fc.boolean(),
  delimiter: fc.constantFrom(",", ",", ";", "\t", "|"),
  cuts: fc.array(fc.nat(400), { maxLength: 4 }),
  steps: fc.array(fc.nat(50), { maxLength: 200 }),
});

describe("the own reader of CSV", () => {
  it("reads what it takes as the strict reading does, cell for cell", async () => {
    let [taken, runs] = [0, 0];
    await fc.assert(
      fc.asyncProperty(
        table,
        async ({ columns, rows, lineEnd, hasLast, delimiter, cuts, steps }) => {
          const names = columns.map(({ name }, index) => `${name}${index}`);
          const lines = Array.from({ length: rows }, (_, row) =>
            columns.map(({ cells, other }) => (other?.[0] === row ? other[1] : (cells[row] ?? ""))),
          );
          const text =
            [names, ...lines].map((line) => line.join(delimiter)).join(lineEnd) +
            (hasLast ? lineEnd : "");
          const own = plainly(text, cuts, steps);
          runs += 1;
          if (own === undefined) return;
          taken += 1;
          expect(own).toEqual(await strictly(text));
        },
      ),
      { numRuns: Number(process.env.RUNS ?? 150), endOnFailure: true },
    );
    expect(taken / runs).toBeGreaterThan(0.2);
  }, 600_000);

  it("reads columns that turn out to be of something else as the strict reading does", async () => {
    restarts = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(column, { minLength: 2, maxLength: 3 }),
        fc.array(fc.tuple(fc.nat(2), fc.nat(5), fc.oneof(odd, late)), {
          minLength: 1,
          maxLength: 2,
        }),
        // One of them may be empty until then.
        fc.nat(5),
        async (columns, cells, empty) => {
          const names = columns.map(({ name }, index) => `${name}${index}`);
          const lines = Array.from({ length: 12 }, (_, row) =>
            columns.map(({ cells }) => cells[row] ?? ""),
          );
          for (const line of lines.slice(0, 6)) if (empty < line.length) line[empty] = "";
          const first = [names, ...lines.slice(0, 6)].map((line) => `${line.join(",")}\n`).join("");
          for (const [index, row, cell] of cells) {
            const line = lines[6 + row];
            if (line && index < line.length) line[index] = cell;
          }
          const text = `${first}${lines.slice(6).join("\n")}\n`;
          // Only the first rows are here when it is told what the columns are.
          const own = plainly(text, [Buffer.byteLength(first)]);
          if (own !== undefined) expect(own).toEqual(await strictly(text));
        },
      ),
      { numRuns: Number(process.env.RUNS ?? 75), endOnFailure: true },
    );
    expect(restarts).toBeGreaterThan(0);
  }, 600_000);

  it("hands it to the engine as the strict reading does, all columns or some", async () => {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
        async ({ columns, rows, lineEnd, delimiter }, choice) => {
          const names = columns.map(({ name }, index) => `${name}${index}`);
          const lines = Array.from({ length: rows }, (_, row) =>
            columns.map(({ cells, other }) => (other?.[0] === row ? other[1] : (cells[row] ?? ""))),
          );
          const text =
            [names, ...lines].map((line) => line.join(delimiter)).join(lineEnd) + lineEnd;
          const some = names.filter((_, index) => choice[index]);
          const wanted = some.length > 0 ? some : undefined;
          const own = await throughParquet(text, wanted);
          if (own === undefined) return;
          taken += 1;
          expect(own).toEqual(await strictly(text, wanted));
        },
      ),
      { numRuns: Number(process.env.RUNS ?? 75), endOnFailure: true },
    );
    expect(taken).toBeGreaterThan(10);
  }, 600_000);

  it("hands it over in the order of the file, whichever of its rows arrive first", async () => {
    const lines = Array.from({ length: 500 }, (_, row) => `${row},row ${row},${row / 4}`);
    const text = `no,name,part\n${lines.join("\n")}\n`;
    expect(await throughParquet(text)).toEqual(await strictly(text));
  });
});
