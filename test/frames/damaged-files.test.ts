import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { utils, write } from "@e965/xlsx";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { FolderLake } from "./folder-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";
import { writeParquet } from "./write-parquet.ts";

// Files that were cut off, or lost or changed some bytes, on a disk or on the way.

const folder = scratchFolder();
const lake = new FolderLake(folder);
let count = 0;

const ROWS = Array.from({ length: 400 }, (_, i) => ({ i, t: `t${i * 7919}`, f: i / 7 }));
const CSV = `i,t,f\n${ROWS.map(({ i, t, f }) => `${i},${t},${f}`).join("\n")}\n`;

const arrow = (kind: "file" | "stream") => {
  const columns = {
    i: Int32Array.from(ROWS, ({ i }) => i),
    t: ROWS.map(({ t }) => t),
    f: Float64Array.from(ROWS, ({ f }) => f),
  };
  return Buffer.from(tableToIPC(tableFromArrays(columns), kind));
};

async function parquet(compression: string): Promise<Buffer> {
  const file = join(folder, `made-${compression}`);
  const select =
    "select range::int as i, hash(range)::varchar as t, range / 7 as f from range(5000)";
  await writeParquet(file, select, `, compression ${compression}, row_group_size 2048`);
  return readFile(file);
}

const excel = (compression: boolean): Buffer => {
  const book = utils.book_new();
  utils.book_append_sheet(book, utils.json_to_sheet(ROWS), "rows");
  return write(book, { type: "buffer", bookType: "xlsx", compression });
};

const zstd = () => zstdCompressSync(CSV, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });

type Damage = readonly ["cut" | "flip" | "hole" | "zeros", place: number, size: number];

const damage = (kinds: readonly Damage[0][]) =>
  fc.tuple(
    fc.constantFrom(...kinds),
    fc.double({ min: 0, max: 0.999_999, noNaN: true }),
    fc.integer({ min: 1, max: 64 }),
  );

function damaged(bytes: Buffer, [kind, place, size]: Damage): Buffer {
  const at = Math.floor(place * bytes.length);
  if (kind === "cut") return bytes.subarray(0, at);
  if (kind === "hole") return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + size)]);
  const changed = Buffer.from(bytes);
  if (kind === "zeros") return changed.fill(0, at, Math.min(bytes.length, at + size));
  changed[at] = (changed[at] ?? 0) ^ (1 << (size & 7));
  return changed;
}

/** What comes of a file: its rows as JSON, or the refusal, which has to be a good one. */
async function outcome(name: string, bytes: Uint8Array): Promise<string> {
  const path = `${count++}-${name}`;
  await lake.write(path, bytes);
  try {
    return JSON.stringify((await loadFrame(lake, path)).values);
  } catch (error) {
    const { name: kind, code, message, hint } = error as Record<string, string>;
    expect({ kind, message }).toEqual({ kind: "FrameError", message: expect.any(String) });
    // A type that no reader knows is told by its column.
    if (code !== "UNKNOWN_TYPE") expect(message).toContain(path);
    expect(`${message}${hint}`).not.toContain(folder);
    return "refused";
  }
}

describe("of a file with a checksum", () => {
  it.each([
    ["t.csv.gz", () => gzipSync(CSV)],
    ["t.csv.zst", zstd],
    ["packed.xlsx", () => excel(true)],
    ["plain.xlsx", () => excel(false)],
  ])("%s no damage makes a wrong row", async (name, make) => {
    const bytes = make();
    const intact = await outcome(name, bytes);
    expect(intact).toContain("t7919");
    await fc.assert(
      fc.asyncProperty(damage(["cut", "flip", "hole", "zeros"]), async (what) => {
        expect(["refused", intact]).toContain(await outcome(name, damaged(bytes, what)));
      }),
      { numRuns: 80, seed: 3 },
    );
  });
});

describe("of a file without one", () => {
  it.each([
    ["plain.parquet", () => parquet("uncompressed")],
    ["snappy.parquet", () => parquet("snappy")],
    ["zstd.parquet", () => parquet("zstd")],
    ["t.arrow", async () => arrow("file")],
    ["t.arrows", async () => arrow("stream")],
  ])("%s what was cut off is refused", async (name, make) => {
    const bytes = await make();
    const intact = await outcome(name, bytes);
    await fc.assert(
      fc.asyncProperty(damage(["cut"]), async (what) => {
        // Of a stream, the mark of its end may be missing.
        const isWhole = name.endsWith(".arrows") && what[1] * bytes.length >= bytes.length - 8;
        expect(await outcome(name, damaged(bytes, what))).toBe(isWhole ? intact : "refused");
      }),
      { numRuns: 40, seed: 4 },
    );
  });

  // Nothing tells a flipped bit among the values from another value; but every reader must come to
  // an end, and speak of the file.
  it.each([
    ["plain.parquet", () => parquet("uncompressed")],
    ["zstd.parquet", () => parquet("zstd")],
    ["t.arrow", async () => arrow("file")],
    ["t.arrows", async () => arrow("stream")],
  ])("%s no damage goes without an answer", async (name, make) => {
    const bytes = await make();
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(damage(["flip", "hole", "zeros"]), async (what) => {
        if ((await outcome(name, damaged(bytes, what))) === "refused") refused++;
      }),
      { numRuns: 80, seed: 5 },
    );
    expect(refused).toBeGreaterThan(10);
  });

  it("the middle of a row group may be missing", async () => {
    const bytes = await parquet("snappy");
    const half = Buffer.concat([bytes.subarray(0, 2000), bytes.subarray(bytes.length - 1500)]);
    expect(await outcome("half.parquet", half)).toBe("refused");
  });

  it.each([
    ["csv.parquet", Buffer.from(CSV)],
    ["csv.arrow", Buffer.from(CSV)],
    ["csv.xlsx", Buffer.from(CSV)],
    ["csv.csv.gz", Buffer.from(CSV)],
    ["csv.csv.zst", Buffer.from(CSV)],
    ["arrow.parquet", arrow("file")],
    ["empty.parquet", Buffer.alloc(0)],
    ["empty.arrow", Buffer.alloc(0)],
    ["empty.xlsx", Buffer.alloc(0)],
    ["empty.csv.gz", Buffer.alloc(0)],
    ["zeros.parquet", Buffer.alloc(1000)],
    ["zeros.arrow", Buffer.alloc(1000)],
    [
      "list.arrow",
      Buffer.concat([Buffer.from("ARROW1\0\0"), Buffer.alloc(50), Buffer.from("ARROW1")]),
    ],
  ])("%s is not what its name says", async (name, bytes) => {
    expect(await outcome(name, bytes)).toBe("refused");
  });
});

describe("dirty CSV", () => {
  it.each([
    [
      "quote in the middle",
      'a,b\n1,x"y\n2,z\n',
      [
        [1, 'x"y'],
        [2, "z"],
      ],
    ],
    ["quotes in quotes", 'a,b\n1,"x ""y"""\n', [[1, 'x "y"']]],
    ["line end in quotes", 'a,b\n1,"x\ny"\n', [[1, "x\ny"]]],
    ["no line end at the end", "a,b\n1,x", [[1, "x"]]],
    [
      "old Macintosh line ends",
      "a,b\r1,x\r2,y\r",
      [
        [1, "x"],
        [2, "y"],
      ],
    ],
    ["blanks around numbers", "a,b\n 1 , x \n", [[1, " x "]]],
    ["a thousands sign", 'a,b\n"1,000",x\n', [["1,000", "x"]]],
    ["a percent sign", "a\n5%\n", [["5%"]]],
    ["leading zeros after others", "a\n1\n007\n", [["1"], ["007"]]],
    ["nothing but a header", "a,b\n", []],
    ["names that are alike", "a,a\n1,2\n", [[1, 2]]],
    ["an empty name", "a,\n1,2\n", [[1, 2]]],
    ["an endless number", `a\n${"9".repeat(400)}\n`, [["9".repeat(400)]]],
    ["a number beyond the largest", "a\n1\n1e400\n", [["1"], ["1e400"]]],
    ["a long field", `a\n${"x".repeat(300_000)}\n`, [["x".repeat(300_000)]]],
  ])("with %s is read to the letter, or refused", async (_, text, expected) => {
    const found = await outcome("dirty.csv", Buffer.from(text));
    expect(["refused", JSON.stringify(expected)]).toContain(found);
  });
});
