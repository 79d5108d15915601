import { createRequire } from "node:module";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { utils, write } from "@e965/xlsx";
import { tableFromJSON, tableToIPC } from "apache-arrow";
import { describe, expect, it } from "vitest";
import { type LoadFrameOptions, loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { FolderLake } from "./folder-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";

const lake = new FolderLake(scratchFolder());
const { CFB } = createRequire(import.meta.url)("@e965/xlsx") as typeof import("@e965/xlsx");

async function load(name: string, content: Uint8Array, options?: LoadFrameOptions) {
  await lake.write(name, content);
  return (await loadFrame(lake, name, options)).values;
}

/** A workbook whose one sheet has these rows in its XML. */
function workbook(rows: string, before = ""): Buffer {
  const book = utils.book_new();
  utils.book_append_sheet(book, utils.aoa_to_sheet([["a"]]));
  const zip = CFB.read(write(book, { type: "buffer", compression: true }) as Buffer, {
    type: "buffer",
  });
  const head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">';
  const xml = `${head}${before}<sheetData>${rows}</sheetData></worksheet>`;
  const place = zip.FullPaths.findIndex((path: string) => path.endsWith("sheet1.xml"));
  const entry = zip.FileIndex[place];
  if (!entry) throw new Error("there is no sheet");
  entry.content = Buffer.from(xml);
  entry.size = xml.length;
  return CFB.write(zip, {
    fileType: "zip",
    compression: true,
    type: "buffer",
  } as never) as unknown as Buffer;
}

function sheet(rows: string[][]): Buffer {
  const book = utils.book_new();
  utils.book_append_sheet(book, utils.aoa_to_sheet(rows));
  return write(book, { type: "buffer", compression: true }) as Buffer;
}

const CORNERS =
  '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>';

it("a workbook in which one digit became another is refused by its checksum", async () => {
  const book = utils.book_new();
  utils.book_append_sheet(book, utils.aoa_to_sheet([["a"], [123456]]));
  const bytes = write(book, { type: "buffer", compression: false }) as Buffer;
  expect(await load("whole.xlsx", bytes)).toEqual([[123456]]);
  const at = bytes.indexOf("123456");
  bytes.write("9", at);
  await expect(load("digit.xlsx", bytes)).rejects.toMatchObject({ code: "BAD_FILE" });
});

describe("a file that blows up is refused at once", () => {
  it("a sheet with a cell in either corner", async () => {
    const started = performance.now();
    const loading = load("corners.xlsx", workbook(CORNERS));
    await expect(loading).rejects.toMatchObject({ name: "FrameError", code: "TOO_LARGE" });
    await expect(load("corners.xlsx", workbook(CORNERS))).rejects.toThrow("{ maxCells } raises");
    expect(performance.now() - started).toBeLessThan(30_000);
  });

  it("a sheet of spaces", async () => {
    const spaces = workbook(`<row r="1"><c r="A1"><v>1</v></c></row>${" ".repeat(4 * 2 ** 20)}`);
    const options = { header: false, maxUnpackedBytes: 2 ** 20 };
    await expect(load("spaces.xlsx", spaces, options)).rejects.toMatchObject({ code: "TOO_LARGE" });
    const larger = { ...options, maxUnpackedBytes: 8 * 2 ** 20 };
    expect(await load("spaces.xlsx", spaces, larger)).toEqual([[1]]);
  });

  it("but not one that only says so", async () => {
    const rows = '<row r="1"><c r="A1"><v>1</v></c></row>';
    const big = workbook(rows, '<dimension ref="A1:XFD1048576"/>');
    expect(await load("says.xlsx", big, { header: false })).toEqual([[1]]);
  });

  it("but a sheet with cells apart is read where the budget allows", async () => {
    const apart = workbook(
      '<row r="1"><c r="A1"><v>1</v></c></row><row r="9"><c r="C9"><v>2</v></c></row>',
    );
    await expect(load("apart.xlsx", apart, { maxCells: 26 })).rejects.toMatchObject({
      code: "TOO_LARGE",
    });
    expect(await load("apart.xlsx", apart, { maxCells: 27, header: false })).toHaveLength(9);
  });

  it.each([
    ["t.csv.gz", gzipSync],
    ["t.csv.zst", zstdCompressSync],
    ["t.ndjson.gz", gzipSync],
    ["t.arrow.gz", gzipSync],
  ] as const)("%s", async (name, pack) => {
    const packed = pack(Buffer.from(`{"a":1}\n`.repeat(2 ** 18)));
    const options = { maxUnpackedBytes: 2 ** 20 };
    const error = await load(name, packed, options).catch((cause) => cause);
    expect(error).toMatchObject({ name: "FrameError", code: "TOO_LARGE" });
    expect(error.message).toContain(`${name} has more than 1 MiB once it is unpacked`);
    const asked = query(lake, `select count(*) from '${name}'`, { read: { [name]: options } });
    await expect(asked).rejects.toMatchObject({ code: "TOO_LARGE" });
  });

  it("from its copy too, which was read under a larger budget before", async () => {
    await lake.write("kept.csv.gz", gzipSync(Buffer.from(`a,b\n${"1,2\n".repeat(2 ** 19)}`)));
    expect((await loadFrame(lake, "kept.csv.gz")).shape[0]).toBe(2 ** 19);
    const options = { maxUnpackedBytes: 2 ** 20 };
    const error = await loadFrame(lake, "kept.csv.gz", options).catch((cause) => cause);
    expect(error).toMatchObject({ name: "FrameError", code: "TOO_LARGE" });
    const enough = { maxUnpackedBytes: 2 ** 21 + 4 };
    expect((await loadFrame(lake, "kept.csv.gz", enough)).shape[0]).toBe(2 ** 19);
    const asked = query(lake, "from 'kept.csv.gz'", { read: { "kept.csv.gz": options } });
    await expect(asked).rejects.toMatchObject({ code: "TOO_LARGE" });
  });
});

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `k${index}`);
}

function row(count: number): Record<string, number> {
  return Object.fromEntries(names(count).map((name, index) => [name, index]));
}

describe("more columns than the budget are refused", () => {
  const files: readonly (readonly [string, (count: number) => Uint8Array])[] = [
    ["c.csv", (count) => Buffer.from(`${names(count)}\n${names(count)}\n`)],
    ["c.ndjson", (count) => Buffer.from(`{"k0":1}\n${JSON.stringify(row(count))}\n`)],
    ["c.json", (count) => Buffer.from(JSON.stringify([row(count)]))],
    ["c.xlsx", (count) => sheet([names(count), names(count)])],
    ["c.arrow", (count) => tableToIPC(tableFromJSON([row(count)]), "file")],
  ];

  it.each(files)("%s", async (name, make) => {
    const error = await load(name, make(31), { maxColumns: 30 }).catch((cause) => cause);
    expect(error).toMatchObject({ name: "FrameError", code: "TOO_LARGE" });
    expect(error.message).toMatch(/^c\.\w+ has (31|more than 30) columns, the limit is 30\n/);
    expect(error.hint).toContain("{ maxColumns } raises the limit");
    const [first] = await load(name, make(30), { maxColumns: 30, limit: 1 });
    expect(first).toHaveLength(30);
  });

  it("in a file that is parsed while it arrives", async () => {
    const bytes = Buffer.from(`${names(31)}\n${`${names(31)}\n`.repeat(30_000)}`);
    await expect(load("l.csv", bytes, { maxColumns: 30 })).rejects.toMatchObject({
      code: "TOO_LARGE",
    });
    const many = `${names(10_001)}\n`;
    const error = await load("m.csv", Buffer.from(many.repeat(40))).catch((cause) => cause);
    expect(error.message).toContain("m.csv has 10,001 columns");
  });

  it("without an option too", async () => {
    const many = Buffer.from(`${names(10_001)}\n${names(10_001)}\n`);
    await expect(load("many.csv", many)).rejects.toMatchObject({ code: "TOO_LARGE" });
    const keys = Buffer.from(JSON.stringify(row(10_001)));
    await expect(load("many.ndjson", keys)).rejects.toMatchObject({ code: "TOO_LARGE" });
  });
});

describe("a wide file within the budget is read as what it is", () => {
  it.each([
    ["rows of the same keys", [row(300), row(300)], 300],
    ["rows of other keys", [row(10), { ...row(300), x: null }], 301],
  ] as const)("%s", async (_, rows, count) => {
    const expected = rows.map((each) =>
      [...names(300), "x"].slice(0, count).map((name) => (each as never)[name] ?? null),
    );
    const lines = rows.map((each) => JSON.stringify(each)).join("\n");
    expect(await load("w.ndjson", Buffer.from(lines))).toEqual(expected);
    expect(await load("w.json", Buffer.from(JSON.stringify(rows)))).toEqual(expected);
  });

  it("CSV with its types", async () => {
    const head = names(210).join(",");
    const cells = (value: string) => Array(210).fill(value).join(",");
    const text = Buffer.from(`${head}\n${cells("1")}\n${cells("2.5")}\n`);
    expect(await load("w.csv", text)).toEqual([Array(210).fill(1), Array(210).fill(2.5)]);
  });
});

describe("a line that is longer than the budget is refused", () => {
  const long = "x".repeat(2_100_000);

  it.each([
    ["a row", "r.csv", `a,b\n1,2\n3,${long}\n4,5\n`, "r.csv, line 3 has more than 2,000,000 bytes"],
    ["a cell of many lines", "q.csv", `a,b\n1,"${"x\n".repeat(1_100_000)}"\n`, "line 2 has more"],
    ["the last row", "l.csv", `a,b\n1,2\n3,${long}`, "l.csv, line 3 has more than 2,000,000 bytes"],
  ])("%s", async (_, name, text, words) => {
    for (const [path, bytes] of [
      [name, Buffer.from(text)],
      [`${name}.gz`, gzipSync(text)],
    ] as const) {
      const error = await load(path, bytes).catch((cause) => cause);
      expect(error).toMatchObject({ name: "FrameError", code: "TOO_LARGE" });
      expect(error.message).toContain(words.replace(name, path));
      expect(error.hint).toContain("{ maxLineBytes } raises the limit");
      await expect(load(path, bytes, { maxLineBytes: 3_000_000 })).resolves.toBeDefined();
    }
  });

  it("the header", async () => {
    const error = await load("h.csv", Buffer.from(`a,${long}\n1,2\n`)).catch((cause) => cause);
    expect(error.message).toContain("h.csv, line 1 has more than 2,000,000 bytes");
  });

  it("an object of JSON", async () => {
    const bytes = Buffer.from(`{"a":"${"x".repeat(40_000_000)}"}\n`);
    const error = await load("o.ndjson", bytes, { maxLineBytes: 2 ** 20 }).catch((cause) => cause);
    expect(error).toMatchObject({ name: "FrameError", code: "TOO_LARGE" });
    expect(error.message).toMatch(/^o.ndjson has an object of more than [\d,]+ bytes/);
    expect(error.hint).toContain("{ maxLineBytes } raises the limit");
  });

  it("when it is all that a compressed file holds", async () => {
    const packed = gzipSync(Buffer.alloc(10_000_000, "x"));
    const error = await load("one.csv.gz", packed).catch((cause) => cause);
    expect(error.message).toContain("one.csv.gz, line 1 has more than 2,000,000 bytes");
  });

  it("when it is longer than what is read at once", async () => {
    const text = `a,b\n${"1,2\n".repeat(100_000)}3,${"x".repeat(40_000_000)}\n4,5\n`;
    const error = await load("far.csv.gz", gzipSync(text, { level: 1 })).catch((cause) => cause);
    expect(error).toMatchObject({ code: "TOO_LARGE" });
    expect(error.hint).toContain("{ maxLineBytes } raises the limit");
  });
});
