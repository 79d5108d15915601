import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { FolderLake } from "./folder-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";

const lake = new FolderLake(scratchFolder());

async function load(text: string, name = "t.ndjson") {
  await lake.write(name, name.endsWith(".gz") ? gzipSync(text) : text);
  const frame = await loadFrame(lake, name);
  return { columns: frame.columns, values: frame.values };
}

describe("JSON that is not JSON is refused", () => {
  it.each([
    ["cut off after a comma", '[{"a":1},', "ends in the middle"],
    ["cut off in a text", '{"a":"x', "ends in the middle"],
    ["cut off in an object", '{"a":1}\n{"a":', "ends in the middle"],
    ["with a comma before the end", '[{"a":1},\n]', "line 2: not valid JSON: there is a comma"],
    ["with a comma in an object", '{"a":1,}', "comma before the end"],
    ["with a comma in a list", '{"a":[1,2,]}', "comma before the end"],
    ["with a text after it", '{"a": true} "x"', "text follows after an object"],
    ["with an object after an array", '[{"a":1}]\n{"a":2}', "line 2"],
    ["with two commas", '[{"a":1},,{"a":2}]', "a comma too many"],
    ["with an end too many", '[{"a":1}]]', "] too many"],
    ["with the wrong end", '[{"a":1]}', "] too many"],
    ["without a comma", '[{"a":1} {"a":2}]', "stands where comma"],
  ])("%s", async (_, text, words) => {
    for (const name of ["t.json", "t.json.gz"]) {
      const error = await load(text, name).catch((cause) => cause);
      expect(error).toMatchObject({ name: "FrameError", code: "BAD_ROW" });
      expect(error.message).toContain(words);
      expect(error.message).toContain(name);
    }
  });

  it.each(["", " \n\n"])("empty: %j", async (text) => {
    await expect(load(text)).rejects.toMatchObject({ code: "EMPTY_FILE" });
  });

  it("nested without an end", async () => {
    const text = `{"a":${"[".repeat(2000)}${"]".repeat(2000)}}`;
    await expect(load(text)).rejects.toMatchObject({ code: "TOO_LARGE" });
  });

  it.each([
    ["differ in case", '{"a":1,"A":2}'],
    ["differ in case in two rows", '{"a":1}\n{"A":2}'],
    ["differ in case below", '[{"x":[{"key":1}]},{"x":[{"Key":1}]}]'],
    ["differ in case, one escaped", '{"a":1,"\\u0041":2}'],
    ["are empty", '{"":1,"b":2}'],
    ["hold a zero byte", '{"foo\\u0000bar":42}'],
  ])("keys that %s", async (_, text) => {
    await expect(load(text, "t.json")).rejects.toMatchObject({ code: "BAD_ROW" });
  });
});

describe("JSON is read whole", () => {
  it.each([
    ["objects in a row", '{"a":1}{"a":2}', [[1], [2]]],
    ["the same key on two levels", '{"id":1,"x":{"ID":2}}', [[1, '{"ID":2}']]],
    ["brackets in texts", '{"a":"]},\\"{[","b":"\\\\"}', [[']},"{[', "\\"]]],
    [
      "an empty array in it",
      '{"a":[],"b":{}}\n{"a":[1],"b":{}}',
      [
        ["[]", "{}"],
        ["[1]", "{}"],
      ],
    ],
    ["a byte order mark", '\uFEFF{"a":1}', [[1]]],
  ])("%s", async (_, text, values) => {
    expect((await load(text, "t.json")).values).toEqual(values);
  });

  it("however it is cut into chunks", async () => {
    for (const before of [2 ** 20 - 12, 2 ** 20 - 9, 2 ** 20 - 5, 2 ** 20 - 3]) {
      const text = `{"p":"${"x".repeat(before - 7)}\\"","key":123456789012345.678}`;
      const { columns, values } = await load(`${text}\n{"p":"y","key":1}\n`);
      expect(columns).toEqual(["p", "key"]);
      expect((values as unknown[][]).map((row) => row[1])).toEqual(["123456789012345.678", "1"]);
    }
  });
});

describe("numbers that a double does not hold are text", () => {
  it.each([
    ["a fraction", "1234567890123456.78", 1.5, "1.5"],
    ["an integer outside 64 bits", "-9223372036854775809", 3, "3"],
    ["one far outside", "123456789012345678901234567890", 3, "3"],
    ["an integer among fractions", "9007199254740993", 1.5, "1.5"],
    ["one that is too large", "1e400", 1.5, "1.5"],
  ])("%s", async (_, written, other, otherText) => {
    const rows = `{"a":${written},"n":{"x":[${written}]}}\n{"a":${other},"n":{"x":[${other}]}}\n`;
    const json = [`{"x":["${written}"]}`, `{"x":["${otherText}"]}`];
    const values = [
      [written, json[0]],
      [otherText, json[1]],
    ];
    expect((await load(rows)).values).toEqual(values);
    const array = `[${rows.trim().replace("\n", ",")}]`;
    expect((await load(array, "t.json")).values).toEqual(values);
    expect((await load(rows, "t.ndjson.gz")).values).toEqual(values);
    const sql = `select a from 't.ndjson' where a = '${written}'`;
    expect((await query(lake, sql)).values).toEqual([[written]]);
  });

  it.each([
    ["0.30000000000000004", 0.1 + 0.2],
    ["0.10000000000000001", 0.1],
    ["1.7976931348623157e+308", Number.MAX_VALUE],
    ["9007199254740991", 2 ** 53 - 1],
    ["5.684341886080802e-14", 2 ** -44],
    ["9007199254740993", "9007199254740993"],
  ])("but %s stays what it was", async (text, value) => {
    expect((await load(`{"a":${text}}\n{"a":2}\n`)).values[0]).toEqual([value]);
  });

  it("as every row that JSON.stringify writes shows", async () => {
    const row = fc.record({
      "a key": fc.oneof(
        fc.double({ min: -9e15, max: 9e15, noNaN: true }).map((number) => number + 0),
        fc.constant(null),
      ),
      list: fc.array(fc.string({ unit: "binary" }), { minLength: 1 }),
      o: fc.record({ deep: fc.record({ n: fc.nat() }) }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 2, maxLength: 8 }), async (rows) => {
        const { values } = await load(JSON.stringify(rows, null, 1), "t.json");
        expect(
          (values as unknown[][]).map(([a, list, o]) => [
            a,
            JSON.parse(String(list)),
            JSON.parse(String(o)),
          ]),
        ).toEqual(rows.map((r) => [r["a key"], r.list, r.o]));
      }),
      { numRuns: 40 },
    );
  });
});
