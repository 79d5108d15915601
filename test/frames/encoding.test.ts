import { globSync } from "node:fs";
import { utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LoadFrameOptions, loadFrame } from "../../src/frames/load-frame.ts";
import { FolderLake } from "./folder-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const lake = new FolderLake(folder);

async function load(bytes: Uint8Array, options?: LoadFrameOptions, name = "t.csv") {
  await lake.write(name, bytes);
  const frame = await loadFrame(lake, name, options);
  return { columns: frame.columns, values: frame.values };
}

/** The bytes of a text in an encoding that has one byte a character, by trying all of them. */
function singleBytes(text: string, encoding: string): Buffer {
  const decoder = new TextDecoder(encoding);
  const byCharacter = new Map(
    Array.from({ length: 256 }, (_, byte) => [decoder.decode(Uint8Array.of(byte)), byte] as const),
  );
  return Buffer.from(Array.from(text, (character) => byCharacter.get(character) ?? 0x3f));
}

const utf16be = (text: string) => Buffer.from(text, "utf16le").swap16();
const BOM = "\uFEFF";

describe("a CSV file is read", () => {
  const text = "name,price\nKöln,1.5\nŁódź 😀,2\n";
  const wide = {
    columns: ["name", "price"],
    values: [
      ["Köln", 1.5],
      ["Łódź 😀", 2],
    ],
  };
  it.each([
    ["utf-8", Buffer.from(text)],
    ["utf-8", Buffer.from(BOM + text)],
    ["UTF8", Buffer.from(text)],
    ["utf-8-sig", Buffer.from(BOM + text)],
    ["utf-16", Buffer.from(BOM + text, "utf16le")],
    ["utf-16", utf16be(BOM + text)],
    ["utf-16", Buffer.from(text, "utf16le")],
    ["utf-16", utf16be(text)],
    ["utf-16le", Buffer.from(text, "utf16le")],
    ["utf-16be", utf16be(BOM + text)],
  ])("in %s, case %#", async (encoding, bytes) => {
    expect(await load(bytes, { encoding })).toEqual(wide);
    expect(await load(gzipSync(bytes), { encoding }, "t.csv.gz")).toEqual(wide);
  });

  it.each([
    ["latin-1", "Köln", Buffer.from("Köln", "latin1")],
    ["ISO-8859-1", "\u0080", Buffer.from([0x80])],
    ["windows-1252", "€ – Köln", singleBytes("€ – Köln", "windows-1252")],
    ["cp1252", "“ß”", singleBytes("“ß”", "windows-1252")],
    ["windows-1251", "Москва", singleBytes("Москва", "windows-1251")],
    ["koi8-r", "Москва", singleBytes("Москва", "koi8-r")],
    ["iso-8859-2", "Łódź", singleBytes("Łódź", "iso-8859-2")],
    ["iso-8859-15", "€", singleBytes("€", "iso-8859-15")],
    ["windows-1253", "Αθήνα", singleBytes("Αθήνα", "windows-1253")],
    ["macintosh", "Köln", singleBytes("Köln", "macintosh")],
    ["shift_jis", "東京", Buffer.from([0x93, 0x8c, 0x8b, 0x9e])],
    ["gbk", "北京", Buffer.from([0xb1, 0xb1, 0xbe, 0xa9])],
    ["gb18030", "北京", Buffer.from([0xb1, 0xb1, 0xbe, 0xa9])],
    ["big5", "台北", Buffer.from([0xa5, 0x78, 0xa5, 0x5f])],
    ["euc-kr", "서울", Buffer.from([0xbc, 0xad, 0xbf, 0xef])],
    ["euc-jp", "東京", Buffer.from([0xc5, 0xec, 0xb5, 0xfe])],
  ])("in %s: %s", async (encoding, city, bytes) => {
    const content = Buffer.concat([Buffer.from("city,n\n"), bytes, Buffer.from(",1\n")]);
    expect(await load(content, { encoding })).toEqual({
      columns: ["city", "n"],
      values: [[city, 1]],
    });
  });

  it("whatever the text, in every encoding of Unicode", async () => {
    const cell = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
      .filter((value) => !/[\p{Cc}\uFEFF]/u.test(value));
    const cells = fc.array(cell, { minLength: 1, maxLength: 30 });
    const encodings = fc.constantFrom("utf-16le", "utf-16be", "gb18030");
    await fc.assert(
      fc.asyncProperty(cells, encodings, async (values, encoding) => {
        const csv = `a\n${values.map((value) => `"${value.replaceAll('"', '""')}"`).join("\n")}\n`;
        const bytes =
          encoding === "gb18030"
            ? await gb18030(csv)
            : encoding === "utf-16be"
              ? utf16be(csv)
              : Buffer.from(csv, "utf16le");
        const read = await load(bytes, { encoding, types: { a: "VARCHAR" } }, "any.csv");
        expect(read.values).toEqual(values.map((value) => [value]));
      }),
      { numRuns: 40, seed: 2 },
    );
  });

  it("when it is larger than what is read at once", async () => {
    const lines = Array.from({ length: 60_000 }, (_, row) => `${row},Köln ${row}\n`);
    for (const [encoding, bytes] of [
      ["windows-1252", Buffer.from(`n,t\n${lines.join("")}`, "latin1")],
      ["utf-16", Buffer.from(`n,t\n${lines.join("")}`, "utf16le")],
    ] as const) {
      const { values } = await load(bytes, { encoding }, "large.csv");
      expect((values as unknown[]).length).toBe(60_000);
      expect(values[59_999]).toEqual([59_999, "Köln 59999"]);
    }
  });
});

it("makes the UTF-8 copy anew that is from before the machine was started", async () => {
  await lake.write("kept.csv", Buffer.from("city\nKöln\n", "latin1"));
  const read = async () => (await loadFrame(lake, "kept.csv", { encoding: "latin-1" })).values;
  const replace = async (content: string) => {
    const [copy = ""] = globSync(join(folder, "cache/*/kept.csv.latin-1*"));
    await writeFile(copy, content);
    return copy;
  };
  await read();
  await replace("city\nused\n");
  expect(await read()).toEqual([["used"]]);
  await utimes(await replace("city\nhole\n"), 0, 0);
  expect(await read()).toEqual([["Köln"]]);
});

/** Four-byte codes of GB18030 count Unicode up, see its appendix; ASCII is itself. */
async function gb18030(text: string): Promise<Buffer> {
  const decoder = new TextDecoder("gb18030");
  const parts = Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) return Buffer.from([code]);
    if (code >= 0x10000) return fourBytes(189_000 + code - 0x10000);
    for (let low = 0; low < 39_420; low++) {
      const bytes = fourBytes(low);
      if (decoder.decode(bytes) === character) return bytes;
    }
    for (let first = 0x81; first <= 0xfe; first++) {
      for (let second = 0x40; second <= 0xfe; second++) {
        const bytes = Buffer.from([first, second]);
        if (second !== 0x7f && decoder.decode(bytes) === character) return bytes;
      }
    }
    throw new Error(`no code for ${character}`);
  });
  return Buffer.concat(parts);
}

function fourBytes(place: number): Buffer {
  const d = 0x30 + (place % 10);
  const c = 0x81 + (Math.floor(place / 10) % 126);
  const b = 0x30 + (Math.floor(place / 1260) % 10);
  return Buffer.from([0x81 + Math.floor(place / 12_600), b, c, d]);
}

describe("a CSV file is refused", () => {
  const onLine = (line: number, bytes: readonly number[], unit = 1) => {
    const lines = "a,b\n".repeat(line - 1);
    const start = unit === 2 ? Buffer.from(lines, "utf16le") : Buffer.from(lines);
    return Buffer.concat([start, Buffer.from(bytes), Buffer.from("\n")]);
  };
  it.each([
    ["utf-8", onLine(3, [0x31, 0x2c, 0xe4]), 3],
    ["utf-8", onLine(50_000, [0x31, 0x2c, 0xe4]), 50_000],
    ["windows-1252", onLine(4, [0x31, 0x2c, 0x81]), 4],
    ["windows-1252", onLine(70_000, [0x31, 0x2c, 0x9d]), 70_000],
    ["shift_jis", onLine(7, [0x31, 0x2c, 0x85, 0x20]), 7],
    ["euc-kr", onLine(2, [0x31, 0x2c, 0xff]), 2],
    ["utf-16", onLine(40_000, [0x31, 0, 0x2c, 0, 0x00, 0xd8, 0x41, 0], 2), 40_000],
  ])("where bytes are not %s, case %#, with its line", async (encoding, bytes, line) => {
    const error = await load(bytes, { encoding }, "bad.csv").catch((cause) => cause);
    expect(error).toMatchObject({ name: "FrameError", code: "BAD_ENCODING" });
    expect(error.message).toMatch(new RegExp(`^bad\\.csv, line ${line}: the bytes are not `));
  });

  it.each([
    ["latin-1", Buffer.from(`${BOM}a\n1\n`), "begins with the mark of utf-8"],
    ["windows-1252", Buffer.from(`${BOM}a\n1\n`, "utf16le"), "begins with the mark of utf-16le"],
    ["utf-16be", Buffer.from(`${BOM}a\n1\n`, "utf16le"), "begins with the mark of utf-16le"],
    [undefined, Buffer.from("a,b\n1,2\n", "utf16le"), "line 1: there are zero bytes"],
    [undefined, Buffer.from(`${BOM}a\n1\n`, "utf16le"), "line 1: the bytes are not UTF-8"],
  ])("that is told to be in %s and is not, case %#", async (encoding, bytes, text) => {
    const error = await load(bytes, encoding ? { encoding } : {}, "other.csv").catch((e) => e);
    expect(error).toMatchObject({ code: "BAD_ENCODING" });
    expect(error.message).toContain(text);
    expect(error.hint).toMatch(/encoding: "/);
  });

  it("with the list of encodings for a name that is none", async () => {
    const error = await load(Buffer.from("a\n"), { encoding: "ebcdic" }).catch((cause) => cause);
    expect(error).toMatchObject({ code: "BAD_OPTIONS" });
    expect(error.message).toContain('encoding: "ebcdic" is none that is known');
    expect(error.hint).toMatch(/utf-8, utf-16, .*latin-1, .*windows-1252, .*shift_jis/);
  });

  it("by the name it has in the lake, when something else is wrong with it", async () => {
    const bytes = Buffer.from("a,b\n1,2,3\n", "utf16le");
    const error = await load(bytes, { encoding: "utf-16" }, "ragged.csv").catch((cause) => cause);
    expect(error).toMatchObject({ code: "BAD_ROW" });
    expect(error.message).toMatch(/^ragged\.csv, line 2: expected 2 columns, found 3/);
    expect(String(error.cause)).toContain("ragged.csv");
    expect(error.message + error.hint).not.toContain("as-utf-8");
  });
});
