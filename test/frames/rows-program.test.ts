import { describe, expect, it } from "vitest";
import { PartCollector } from "../../src/frames/read/plain-csv/collect-parts.ts";
import { CellKind, type PartColumn } from "../../src/frames/read/plain-csv/csv-part.ts";
import { RowParser } from "../../src/frames/read/plain-csv/row-parser.ts";
import {
  fileIn,
  IDS,
  MOST_BYTES,
  MOST_COLUMNS,
  memoryFor,
  PAGE,
  rowsProgram,
} from "../../src/frames/read/plain-csv/rows-program.ts";

// What is read in the plain way, and what is left to the engine, cell by cell.

const memory = memoryFor(MOST_BYTES);
const program = rowsProgram(memory);

/** What becomes of rows, and of the kinds of their columns. */
function parsed(text: string, kinds: CellKind[], hasReturns = false, delimiter = ",") {
  const names = kinds.map((_, index) => `c${index}`);
  const layout = { names, delimiter: delimiter.charCodeAt(0), hasReturns, start: 0 };
  const parser = new RowParser(program, layout, kinds);
  const bytes = fileIn(memory, MOST_BYTES);
  // Not what some rows before have left.
  bytes.fill(0x22, 0, Math.min(text.length + 200, MOST_BYTES));
  const length = Buffer.from(bytes.buffer, bytes.byteOffset).write(text);
  const parts = new PartCollector();
  if (parser.parse(0, length)) parts.add(parser, 0);
  return { part: parts.parts[0], kinds: parser.kinds, parser };
}

/** Bytes of the longest text that is told by the place of the first one that is the same. */
const LONGEST_SHARED = 24;

/** Bytes before a cell, so that it begins at each place of a block, and lies in two. */
const BEFORE = Array.from({ length: 66 }, (_, length) => "x".repeat(length + 1));

/** What a column of a kind has of a cell, wherever in a row that is; undefined where it falls back. */
function cell(kind: CellKind, text: string): number | undefined {
  const found = new Set(BEFORE.map((before) => cellBehind(before, kind, text)));
  expect(found.size).toBe(1);
  return [...found][0];
}

function cellBehind(before: string, kind: CellKind, text: string): number | undefined {
  const rows = `${before},${text},12\n`.repeat(2);
  const { part, kinds } = parsed(rows, [CellKind.text, kind, CellKind.whole]);
  if (!part || kinds[1] !== kind) return undefined;
  expect(part.rows).toBe(2);
  const [texts, own, numbers] = part.columns;
  // Of a short text, where it was met first.
  const second = before.length <= LONGEST_SHARED ? 0 : rows.length / 2;
  expect([...(texts?.values ?? [])]).toEqual([0, before.length, second, before.length]);
  expect([...(numbers?.values ?? [])]).toEqual([12, 12]);
  expect(own?.values[1]).toBe(own?.values[0]);
  return own?.values[0];
}

describe("a whole number", () => {
  it.each(["0", "7", "-7", "10", "999999999999999", "-999999999999999"])("%s", (text) => {
    expect(cell(CellKind.whole, text)).toBe(Number(text));
  });

  it.each(["-", "+1", "01", "00", "-0", "-01", " 1", "1000000000000000"])("not %j", (text) => {
    expect(cell(CellKind.whole, text)).toBeUndefined();
  });
});

describe("a decimal number", () => {
  it.each(["0", "0.5", "-0.5", "12.25", "-3", "0.1", "1.0", "0.30000000000000004"])(
    "%s",
    (text) => {
      expect(cell(CellKind.decimal, text)).toBe(Number(text));
    },
  );

  it.each(["-0", "-0.0", "-0.00", ".5", "1.", "01.5", "-.5", "0.12345678901234567"])(
    "not %j",
    (text) => {
      expect(cell(CellKind.decimal, text)).toBeUndefined();
    },
  );
});

describe("a truth value", () => {
  it.each([
    ["true", 1],
    ["True", 1],
    ["TRUE", 1],
    ["false", 0],
    ["FALSE", 0],
  ])("%s", (text, value) => {
    expect(cell(CellKind.boolean, text)).toBe(value);
  });

  it.each(["tRUE", "t", "1", "yes"])("not %s", (text) => {
    expect(cell(CellKind.boolean, text)).toBeUndefined();
  });
});

describe("a date", () => {
  it.each(["1970-01-01", "2024-02-29", "2000-02-29", "1969-12-31", "9999-12-31"])("%s", (text) => {
    const value = Date.parse(text) / 86_400_000;
    expect(cell(CellKind.day, text)).toBe(value);
  });

  it.each(["2023-02-29", "1900-02-29", "2024-04-31", "2024-13-01", "2024-00-01", "0999-01-01"])(
    "not %s",
    (text) => {
      expect(cell(CellKind.day, text)).toBeUndefined();
    },
  );
});

describe("a moment", () => {
  it.each(["2024-02-29T23:59:59", "2024-02-29 00:00:00.5", "1969-12-31 23:59:59.999"])(
    "%s",
    (text) => {
      const value = Date.parse(`${text.replace(" ", "T")}Z`);
      expect(cell(CellKind.moment, text)).toBe(value);
      expect(cell(CellKind.instant, `${text}Z`)).toBe(value);
      expect(cell(CellKind.instant, text)).toBeUndefined();
    },
  );

  it.each(["2024-01-01T24:00:00", "2024-01-01T10:60:00", "2024-01-01 10:00:00.0001"])(
    "not %s",
    (text) => {
      expect(cell(CellKind.moment, text)).toBeUndefined();
    },
  );
});

describe("a text", () => {
  /** The texts of the first column of such rows, and in how many places of the file they begin. */
  function texts(rows: string) {
    const [column] = parsed(rows, [CellKind.text, CellKind.text]).part?.columns ?? [];
    const values = [...(column?.values ?? [])];
    const file = Buffer.from(rows);
    const spans = Array.from({ length: values.length / 2 }, (_, row) => {
      const [start = 0, length = 0] = values.slice(2 * row, 2 * row + 2);
      return { start, text: file.toString("utf8", start, start + length) };
    });
    const places = new Map(spans.map(({ start, text }) => [start, text]));
    // Whoever knows the text that begins in a place need not look for its end.
    for (const { start, text } of spans) expect(places.get(start)).toBe(text);
    return { texts: spans.map(({ text }) => text), places: places.size };
  }

  it.each([1, 7, 8, 9, 15, 16, 17, LONGEST_SHARED])(
    "of %i bytes begins where the first one does",
    (length) => {
      const text = "abcdefghijklmnopqrstuvwxyz".slice(-length);
      expect(texts(`${text},1\n${text},22\n`.repeat(9))).toEqual({
        texts: Array(18).fill(text),
        places: 1,
      });
    },
  );

  it("that is longer begins where it does", () => {
    const text = "x".repeat(LONGEST_SHARED + 1);
    expect(texts(`${text},1\n`.repeat(9)).places).toBe(9);
  });

  it("is not taken for one that differs in a byte, or in its length, or goes on behind", () => {
    const alike = BEFORE.slice(0, LONGEST_SHARED).flatMap((text) =>
      Array.from(text, (_, place) => `${text.slice(0, place)}y${text.slice(place + 1)}`),
    );
    const all = [...alike, ...BEFORE.slice(0, LONGEST_SHARED)];
    const found = texts([...all, ...all].map((text, row) => `${text},${row}\n`).join(""));
    expect(found).toEqual({ texts: [...all, ...all], places: all.length });
  });

  it.each([
    ["others", (number: number) => [`${number}`]],
    ["that end alike", (number: number) => [`${number}`.padEnd(9, "_")]],
    ["that go on", (number: number) => [`${number}__`, `${number}_`, `${number}`]],
  ])("is right beside more than are known: %s", (_, textsOf) => {
    const numbers = Array.from({ length: 36_000 }, (_, row) => (row * 7919) % 34_000);
    const all = numbers.flatMap(textsOf);
    const found = texts(all.map((text) => `${text},1\n`).join(""));
    expect(found.texts).toEqual(all);
    expect(found.places).toBeLessThan(all.length);
  });

  it("begins where the first one does beside thousands of others", () => {
    const all = Array.from({ length: 20_000 }, (_, row) => `driver ${(row * 7919) % 5000}`);
    const found = texts(all.map((text, row) => `${text},city ${row % 60}\n`).join(""));
    expect(found).toEqual({ texts: all, places: 5000 });
  });

  it("is not one of the file before", () => {
    const before = "x,1\n".repeat(100);
    expect(texts(`${before}abc,1\n`).texts.at(-1)).toBe("abc");
    // Where it was is what is still to come of this one.
    expect(texts("abc,1\n").texts).toEqual(["abc"]);
  });
});

describe("the dictionary of a column of texts", () => {
  /** Different texts, and the texts of the rows by their numbers; of the second of three columns. */
  function dictionary(cells: readonly string[]) {
    const rows = cells.map((cell, row) => `${row},${cell},x\n`).join("");
    const kinds = [CellKind.whole, CellKind.text, CellKind.skipped];
    const { parser } = parsed(rows, kinds);
    const found = parser.dictionaryOf(1);
    if (!found) return undefined;
    const values = Buffer.from(found.values);
    const texts: string[] = [];
    for (let at = 0; at < values.length; ) {
      const length = values.readUInt32LE(at);
      texts.push(values.toString("utf8", at + 4, at + 4 + length));
      at += 4 + length;
    }
    expect(texts.length).toBe(found.count);
    return { texts, rows: Array.from(found.ids, (id) => texts[id]) };
  }

  it("has each once, and nothing for a null", () => {
    const cells = ["b", "", "Zoë", "b", "", "a text of more than twenty-four bytes", "Zoë", "b"];
    expect(dictionary(cells)).toEqual({
      texts: ["b", "Zoë", "a text of more than twenty-four bytes"],
      rows: cells.filter(Boolean),
    });
  });

  it("has none of the rows before", () => {
    expect(dictionary(["a", "a", "b", "b"])?.texts).toEqual(["a", "b"]);
    expect(dictionary(["b", "b", "c", "c"])?.texts).toEqual(["b", "c"]);
  });

  it.each([4096, 4097])("has %i texts, or is not made", (count) => {
    const cells = Array.from({ length: 2.5 * count }, (_, row) => `t${(row * 7919) % count}`);
    expect(dictionary(cells)).toEqual(
      count === 4096 ? { texts: cells.slice(0, count), rows: cells } : undefined,
    );
  });

  it.each([
    ["are nulls", ["", "", ""]],
    ["differ", ["a", "b", "c"]],
  ])("is not made where all %s", (_, cells) => {
    expect(dictionary(cells)).toBeUndefined();
  });

  it("is not tried again where too many rows differed, until the next file", () => {
    const names = Array.from({ length: 2000 }, (_, row) => `${row}\n`);
    const { parser } = parsed(names.join(""), [CellKind.text]);
    const same = Buffer.from("same\n".repeat(2000));
    expect(parser.dictionaryOf(0)).toBeUndefined();
    fileIn(memory, MOST_BYTES).set(same);
    expect(parser.parse(0, same.length)).toBe(true);
    expect(parser.dictionaryOf(0)).toBeUndefined();
    expect(parsed(same.toString(), [CellKind.text]).parser.dictionaryOf(0)?.count).toBe(1);
  });
});

describe("columns that nobody asked for", () => {
  const { skipped, whole } = CellKind;
  /** The one column of so many that is asked for. */
  const column = (columns: number, asked: number, rows: readonly string[]) =>
    parsed(
      rows.join(""),
      Array.from({ length: columns }, (_, index) => (index === asked ? whole : skipped)),
    ).part?.columns[0]?.values;

  // Ends of cells are found for 64 bytes at once: here close together, there far apart.
  it.each([1, 2, 63, 64, 65, 130].flatMap((columns) => [0, 40].map((width) => [columns, width])))(
    "are passed, of %i columns of %i bytes",
    (columns, width) => {
      for (const asked of [0, columns >> 1, columns - 1]) {
        const rows = Array.from({ length: 9 }, (_, row) =>
          Array.from({ length: columns }, (_, index) =>
            index === asked ? `${row}` : "x".repeat(width),
          ).join(","),
        );
        const lines = rows.map((row) => `${row}\n`);
        expect([...(column(columns, asked, lines) ?? [])]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
        if (columns === 1) continue;
        const [few, many] = [`1${",x".repeat(columns - 2)}\n`, `1${",1".repeat(columns)}\n`];
        for (const wrong of [[few], [many], [few, many], [many, few], [few, few]]) {
          expect(column(columns, asked, [...lines, ...wrong, ...lines])).toBeUndefined();
          expect(column(columns, asked, [...lines, ...wrong])).toBeUndefined();
        }
      }
    },
  );
});

describe("a row", () => {
  const kinds = [CellKind.whole, CellKind.text, CellKind.skipped, CellKind.decimal];
  const parse = (text: string, hasReturns = false, delimiter = ",") =>
    parsed(text, kinds, hasReturns, delimiter).part;

  it("has a null where nothing is between two delimiters", () => {
    const part = parse("1,a,,2.5\n,,x,\n3,c,y,4\n");
    expect(part?.columns.map(({ nulls }) => nulls)).toEqual([1, 1, 1]);
    expect(part?.columns.map(({ valid }) => (valid?.[0] ?? 0) & 7)).toEqual([5, 5, 5]);
    expect([...(part?.columns[0]?.values ?? [])]).toEqual([1, 0, 3]);
  });

  it("has none of the cell behind it", () => {
    const part = parse("12,.5,.5,1\n3,.,.5,7\n");
    expect(part?.columns.map(({ values }) => [...values].slice(0, 2))).toEqual([
      [12, 3],
      [3, 2],
      [1, 7],
    ]);
    const decimals = parsed("12,.5\n-3,..\n", [CellKind.decimal, CellKind.text]).part;
    expect([...(decimals?.columns[0]?.values ?? [])]).toEqual([12, -3]);
  });

  it("is left to the engine with cells of another, though none is missing in all", () => {
    const texts = Array<CellKind>(4).fill(CellKind.text);
    expect(parsed("a,b,c\nd,e,f,g,h\n", texts).part).toBeUndefined();
    expect(parsed("a,b,c,d,e\nf,g,h\n", texts).part).toBeUndefined();
  });

  it.each([
    ["too few cells", "1,a,x,2\n1,a,x\n"],
    ["too many cells", "1,a,x,2,\n"],
    ["a quote", '1,"a",x,2\n'],
    ["a quote where nobody asked for the column", '1,a,"x",2\n'],
    ["a control character", "1,a\u0001,x,2\n"],
    ["a carriage return", "1,a,x,2\r\n"],
    ["an empty line", "1,a,x,2\n\n1,a,x,2\n"],
  ])("is left to the engine with %s", (_, text) => {
    expect(parse(text)).toBeUndefined();
  });

  it.each([
    ["1,a,x,2\r\n", 1],
    ["1,a,x,2\r\n3,b,y,\r\n", 2],
  ])("may end as on Windows: %j", (text, rows) => {
    expect(parse(text, true)?.rows).toBe(rows);
  });

  it.each(["1,a,x,2\n", "1,a,x\r,2\r\n", "1,a,x,2\r\r\n", "1,a,x,2\r\n3,b,y,4\n"])(
    "of a file with such line ends is left to the engine: %j",
    (text) => {
      expect(parse(text, true)).toBeUndefined();
    },
  );

  it("may have a tab in a text, and one between cells", () => {
    expect(parse("1,a\tb,x,2\n")?.rows).toBe(1);
    expect(parse("1\ta\tx\t2\n", false, "\t")?.rows).toBe(1);
  });
});

describe("the program", () => {
  it.each([2, 3, 10, 1000, MOST_COLUMNS])(
    "has room for as many rows as %i columns can have",
    (columns) => {
      const rows = Math.floor(MOST_BYTES / columns);
      const kinds = Array<CellKind>(columns).fill(CellKind.decimal);
      const { part } = parsed(`${",".repeat(columns - 1)}\n`.repeat(rows), kinds);
      expect(part?.rows).toBe(rows);
      const isEmpty = ({ nulls, valid, values }: PartColumn) =>
        nulls === rows && valid?.[0] === (rows < 8 ? 0xff << rows : 0) && values.at(-1) === 0;
      expect(part?.columns.every(isEmpty)).toBe(true);
      const last = program.validOf(columns - 1) + Math.ceil(rows / 8);
      expect(last).toBeLessThanOrEqual(PAGE);
    },
  );

  it("lies where its source says", () => {
    const own = program as object as Record<string, { readonly value: number }>;
    const names = ["FILE", "IDS", "PAGE", "MOST_BYTES", "MOST_COLUMNS"];
    const told = names.map((name) => own[name]?.value);
    expect(told).toEqual([fileIn(memory, 0).byteOffset, IDS, PAGE, MOST_BYTES, MOST_COLUMNS]);
  });

  it("marks what is not whole or does not fit 32 bits", () => {
    const { part, kinds } = parsed("1,2147483648,1\n-2147483648,1,1.5\n", [
      CellKind.whole,
      CellKind.whole,
      CellKind.whole,
    ]);
    expect(part?.columns.map(({ isInt32 }) => isInt32)).toEqual([true, false, false]);
    expect(kinds).toEqual([CellKind.whole, CellKind.whole, CellKind.decimal]);
  });
});
