import { DataFrame } from "danfojs-node";
import { beforeEach, describe, expect, it } from "vitest";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import type { WriteFrameOptions } from "../../src/frames/write/write-options.ts";
import { writeFrame, writeQuery } from "../../src/frames/write-frame.ts";
import { deltaWriting } from "./delta-writing.ts";

const { write, append, overwrite, rows, actions, files, here } = deltaWriting();

const TYPES = `select * from (values
  (true, 1::tinyint, 2::smallint, 3, 9007199254740993, 0.1::float, 0.1::double, 1.25::decimal(9,2),
    12345678901234567890123456.78::decimal(28,2), 'ä''"', 'ab'::blob, date '1582-10-15',
    timestamp '2020-01-02 03:04:05.000006', timestamptz '1969-12-31 23:59:59.999999+00', [1, null],
    {a: 1, b: [{c: 'x'}]}, map {'k': 1.5::double}),
  (null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null),
  (false, -128, -32768, -5, -1, 'nan', '-infinity', -0.01, -1, '', '', date '0001-01-01',
    timestamp '0001-01-01', timestamptz '9999-12-31 23:59:59.999999+00', [], {a: null, b: []}, map {}))
  v(yes, tiny, small, int, big, float, double, price, wide, text, bytes, day, local, moment, list, part, map)`;

describe("writing a Delta table", () => {
  it("gives back every type and value", async () => {
    expect(await write(TYPES)).toMatchObject({ path: "t", kind: "directory", version: 0 });
    expect(await rows("from 't'")).toEqual((await query(here, TYPES)).values);
    const types = (await query(here, "select column_type from (describe from 't')")).values;
    expect(types).toEqual(
      (await query(here, `select column_type from (describe ${TYPES})`)).values,
    );
  });

  it("takes wider types where Delta has none, and refuses what it has no like of", async () => {
    await write(`select 255::utinyint as a, 65535::usmallint as b, 4294967295::uinteger as c,
      18446744073709551615::ubigint as d, sum(i) as e, 'x'::enum('x') as f, uuid() is null as g
      from range(3) r(i)`);
    expect(await rows()).toEqual([[255, 65535, 4294967295, "18446744073709551615", 3, "x", false]]);
    await expect(overwrite("select time '01:00' as t")).rejects.toMatchObject({
      code: "UNSUPPORTED",
    });
    const huge = overwrite("select 9223372036854775808::hugeint as e");
    await expect(huge).rejects.toThrow(
      /column e of the Delta table t is long.*9223372036854775808/,
    );
    await expect(
      overwrite("select '2020-01-01 00:00:00.000000001'::timestamp_ns as n", {
        overwriteSchema: true,
      }),
    ).rejects.toThrow(/cannot hold 2020-01-01 00:00:00.000000001/);
  });

  it("is refused where a table or other files are, and appends to nothing as to a table", async () => {
    await append("select 1 as a");
    await expect(write("select 2 as a")).rejects.toMatchObject({
      name: "LakeError",
      code: "EXISTS",
    });
    await writeQuery(here, "plain/a.parquet", "select 1 as a");
    const hidden = writeQuery(here, "plain", "select 1 as a", { format: "delta", mode: "append" });
    await expect(hidden).rejects.toThrow(/plain is no Delta table, and holds plain\/a\.parquet/);
    expect(await rows()).toEqual([[1]]);
  });

  it("never puts plain files in the place of a table", async () => {
    await write("select 1 as a, 2 as b");
    const plain = writeQuery(here, "t", "select 1 as a, 2 as b", {
      partitionBy: ["a"],
      overwrite: true,
    });
    await expect(plain).rejects.toMatchObject({ code: "DELTA_TABLE" });
  });

  it.each([
    [{ mode: "append", format: "parquet" }, /mode: "append".* is for Delta tables/],
    [{ mergeSchema: true, format: "csv" }, /mergeSchema.* is for Delta tables/],
    [{ mode: "append", overwrite: true }, /contradict/],
    [{ mode: "append", replaceWhere: "a = 1" }, /replaceWhere .* the mode is append/],
    [{ overwriteSchema: true }, /overwriteSchema .* the mode is error/],
    [{ mode: "upsert" }, /there is no mode upsert/],
    [{ mode: "overwrite", replaceWhere: "a = 1", overwriteSchema: true }, /exclude one another/],
  ])("refuses the options %j", async (options, message) => {
    const refused = write("select 1 as a", options as WriteFrameOptions);
    await expect(refused).rejects.toMatchObject({ code: "BAD_OPTION" });
    await expect(refused).rejects.toThrow(message);
    expect(await files()).toEqual([]);
  });

  it("keeps the instants of a dataframe, and takes numbers as they fit the table", async () => {
    const at = new Date("2026-01-02T03:04:05.678Z");
    await writeFrame(
      here,
      "t",
      new DataFrame({ moment: [at], n: [1.5], day: [new Date("2026-01-01")] }),
      {
        format: "delta",
      },
    );
    const [, , meta] = await actions(0);
    expect(meta?.metaData?.schemaString).toMatch(/"name":"moment","type":"timestamp"/);
    const whole = new DataFrame({ n: [2], moment: [new Date("2026-01-01")], day: [null] });
    await writeFrame(here, "t", whole, { format: "delta", mode: "append" });
    expect(await rows("select moment, n, day from 't' order by n")).toEqual([
      [at, 1.5, new Date("2026-01-01")],
      [new Date("2026-01-01"), 2, null],
    ]);
  });
});

describe("what does not fit a table", () => {
  beforeEach(() =>
    write(`select 1::smallint as s, 2 as i, 0.5::float as f, 1.5::decimal(4,1) as d, 'x' as t,
      date '2026-01-01' as day, {a: 1} as part`),
  );

  it.each([
    ["select 40000 as s", /column s .* is short, here integer, and cannot hold 40000/],
    ["select 0.1::double as f", /column f .* is float, here double, and cannot hold 0\.1/],
    [
      "select 1.25::double as d",
      /column d .* is decimal\(4,1\), here double, and cannot hold 1\.25/,
    ],
    ["select 1.5 as i", /column i .* is integer, here decimal\(2,1\), and cannot hold 1\.5/],
    ["select 'nan'::double as i", /cannot hold nan/],
    [
      "select timestamp '2026-01-01 00:00:01' as day",
      /column day .* cannot hold 2026-01-01 00:00:01/,
    ],
    ["select '5' as i", /column i is integer in the Delta table t, and string here/],
    ["select 5 as t", /column t is string in the Delta table t, and integer here/],
    ["select {b: 1} as part", /column part is struct<a: integer> .*, and struct<b: integer> here/],
    ["select 1 as i, 2 as extra, 'x' as more", /has no column extra \(integer\), more \(string\)/],
  ])("%s", async (sql, message) => {
    const before = await files();
    const refused = append(sql);
    await expect(refused).rejects.toMatchObject({ name: "FrameError", code: "SCHEMA_MISMATCH" });
    await expect(refused).rejects.toThrow(message);
    expect(await files()).toEqual(before);
  });

  it("is not what is exact in another type", async () => {
    await append(
      "select 2::bigint as s, 3::double as i, 0.25::double as f, 7 as d, null as t, timestamp '2026-01-02' as day",
    );
    await append("select 9::hugeint as S");
    expect(await rows("select s, i, f, d, t, day from 't' order by s")).toEqual([
      [1, 2, 0.5, 1.5, "x", new Date("2026-01-01")],
      [2, 3, 0.25, 7, null, new Date("2026-01-02")],
      [9, null, null, null, null, null],
    ]);
  });

  it("evolves when asked, and not otherwise", async () => {
    await append("select 7 as n, timestamp '2026-01-01' as moment", { mergeSchema: true });
    const [, protocol] = await actions(1);
    expect(protocol?.protocol).toMatchObject({
      writerFeatures: ["appendOnly", "invariants", "timestampNtz"],
    });
    expect(await rows("select i, n, moment from 't' order by i")).toEqual([
      [2, null, null],
      [null, 7, new Date("2026-01-01")],
    ]);
    await overwrite("select 'only' as one, 1 as p", { overwriteSchema: true, partitionBy: ["p"] });
    expect(await rows()).toEqual([["only", 1]]);
    expect((await loadFrame(here, "t", { version: 0 })).columns.slice(0, 2)).toEqual(["s", "i"]);
  });

  it("names that Spark cannot write are refused", async () => {
    const refused = append('select 1 as "unit price"', { mergeSchema: true });
    await expect(refused).rejects.toMatchObject({ code: "BAD_COLUMN" });
  });
});
