import { createRequire } from "node:module";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { utils, write } from "@e965/xlsx";
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

const CORNERS =
  '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>';

describe("a file that blows up is refused at once", () => {
  it("a sheet with a cell in either corner", async () => {
    const started = performance.now();
    const loading = load("corners.xlsx", workbook(CORNERS));
    await expect(loading).rejects.toMatchObject({ name: "FrameError", code: "TOO_LARGE" });
    await expect(load("corners.xlsx", workbook(CORNERS))).rejects.toThrow("{ maxCells } raises");
    expect(performance.now() - started).toBeLessThan(10_000);
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
});
