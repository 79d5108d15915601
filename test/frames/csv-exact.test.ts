import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LoadFrameOptions, loadFrame } from "../../src/frames/load-frame.ts";
import { FolderLake } from "./folder-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";

const lake = new FolderLake(scratchFolder());

async function load(text: string, options?: LoadFrameOptions, name = "t.csv") {
  await lake.write(name, name.endsWith(".gz") ? gzipSync(text) : text);
  return (await loadFrame(lake, name, options)).values;
}

describe("a row with a cell too many", () => {
  it.each([
    ["in the middle", "id,name,price\n1,x,2\n,3,z,\n", 3],
    ["in every row", "id,name,price\n1,x,2,\n2,y,3,\n", 2],
    ["below a quoted line break", 'id,name\n1,"a\n,\n"\n2,b,\n', 5],
    ["with Windows line ends", "id;name\r\n1;x\r\n2;y;\r\n", 3],
    ["compressed", "id,name\n1,x\n2,y,\n", 3, "t.csv.gz"],
  ])("%s is refused, though it is empty", async (_, text, line, name = "t.csv") => {
    const error = await load(text, {}, name).catch((cause) => cause);
    expect(error).toMatchObject({ name: "FrameError", code: "BAD_ROW" });
    expect(error.message).toContain(`${name}, line ${line}: expected `);
  });

  it.each([
    [
      "null in the last column",
      "a,b\n1,\n,\n2,x\n",
      [
        [1, null],
        [null, null],
        [2, "x"],
      ],
    ],
    ["a delimiter in quotes", 'a,b\n1,"x,\ny,\n"\n', [[1, "x,\ny,\n"]]],
    ["a quote in quotes", 'a,b\n"""",\n', [['"', null]]],
    ["lines before the header", "x,y,\na,b\n1,\n", [[1, null]], { skip: 1 }],
  ] as [string, string, unknown[][], LoadFrameOptions?][])(
    "is not taken for %s",
    async (_, text, rows, options = {}) => {
      expect(await load(text, options)).toEqual(rows);
    },
  );

  it.each([
    ["short", "id,name\n1,x,2\n3,y,4\n"],
    ["long", "id,name,price\n1,x\n3,y\n"],
  ])("a header that is too %s is refused", async (_, text) => {
    await expect(load(text)).rejects.toMatchObject({ code: "BAD_ROW" });
  });
});

describe("numbers beyond what a double holds stay text", () => {
  it.each([
    ["123456789012345.678"],
    ["0.1234567890123456789"],
    ["99999999999999.999"],
    ["-1234567890123456.78"],
    ["1.23456789012345678e5"],
    ["9007199254740993"],
    ["123456789012345678901234567890"],
    ["1e400"],
    ["0x1F"],
    ["0b11"],
    ["1_000.5"],
    ["1_000"],
  ])("%s", async (text) => {
    expect(await load(`a,b\n1.5,1\n${text},2\n`)).toEqual([
      ["1.5", 1],
      [text, 2],
    ]);
    const late = await load(`a\n${"1.5\n".repeat(30_000)}${text}\n`, { limit: 40_000 });
    expect(late.at(-1)).toEqual([text]);
    expect((await load(`a\n${text}\n`, {}, "t.csv.gz"))[0]).toEqual([text]);
  });

  it.each([
    ["0.30000000000000004", 0.1 + 0.2],
    ["0.10000000000000001", 0.1],
    ["1.7976931348623157e+308", Number.MAX_VALUE],
    ["1.500000000000000000000", 1.5],
    ["-2.2250738585072014e-308", -2.2250738585072014e-308],
  ])("but %s is what programs write of one", async (text, value) => {
    expect(await load(`a\n${text}\n0.5\n`)).toEqual([[value], [0.5]]);
  });

  it("as do moments finer than a microsecond", async () => {
    const fine = "2020-01-01T00:00:00.123456789Z";
    expect(await load(`t\n${fine}\n`)).toEqual([[fine]]);
    const usual = "2020-01-01T00:00:00.001Z";
    expect(await load(`t\n${usual}\n`)).toEqual([[new Date(usual)]]);
    expect(await load(`t\n${usual}\n${fine}\n`)).toEqual([[usual], [fine]]);
  });

  it("with a comma for the decimal sign", async () => {
    const options = { decimal: ",", delimiter: ";" } as const;
    expect(await load("a;b\n0,5;1\n", options)).toEqual([[0.5, 1]]);
    expect(await load("a;b\n0,5;1\n123456789012345,678;2\n", options)).toEqual([
      ["0,5", 1],
      ["123456789012345,678", 2],
    ]);
  });

  it("wherever in the file they are", async () => {
    for (const before of [65_530, 65_536 - 8, 65_536 - 20]) {
      const text = `a,b\n${"x".repeat(before)},1\ny,123456789012345.678\n`;
      expect((await load(text))[1]).toEqual(["y", "123456789012345.678"]);
    }
  });

  it("as every double and every decimal shows", async () => {
    const number = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc
        .double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 })
        .map((n) => n.toPrecision(17)),
      fc.tuple(fc.maxSafeInteger(), fc.nat(9_999_999)).map(([a, b]) => `${a}.${b}`),
    );
    const texts = fc.array(number, { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(texts, async (numbers) => {
        const values = (await load(`a\n${numbers.join("\n")}\n`)).map(
          (row) => (row as unknown[])[0],
        );
        for (const [row, value] of values.entries()) {
          const text = numbers[row] as string;
          if (typeof value === "string") expect(value).toBe(text);
          else expect(writings(value as number, digits(text))).toContain(plain(text));
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** A number written with so many digits: a half, as C and as JavaScript round it. */
function writings(value: number, count: number): string[] {
  const half = value.toPrecision(count + 1).replace(/5(e|$)/, "$1");
  return [value.toPrecision(count), half].map(plain);
}

const digits = (text: string) =>
  Math.max(
    1,
    text
      .replace(/e.*/i, "")
      .replace(/[^0-9]/g, "")
      .replace(/^0+/, "").length,
  );
/** Digits without zeros at either end, which say nothing here. */
const plain = (text: string) =>
  text
    .replace(/e.*/i, "")
    .replace(/[^0-9]/g, "")
    .replace(/^0+|0+$/g, "");
