import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { FolderLake } from "./folder-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";
import { writeParquet } from "./write-parquet.ts";

const folder = scratchFolder();
const lake = new FolderLake(folder);

const WITHOUT_ZONE = Buffer.from([0x8c, 0x12, 0x1c, 0x3c, 0, 0, 0, 0]);

/** Writes moments in nanoseconds as pandas does those with a zone, which the engine never writes. */
async function writeZoned(name: string, select: string, options = ""): Promise<void> {
  await writeParquet(`${folder}/${name}`, select, options);
  const bytes = await readFile(`${folder}/${name}`);
  const from = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
  for (
    let at = bytes.indexOf(WITHOUT_ZONE, from);
    at >= 0;
    at = bytes.indexOf(WITHOUT_ZONE, at + 1)
  ) {
    bytes.writeUInt8(0x11, at + 1);
  }
  await writeFile(`${folder}/${name}`, bytes);
}

const FINE = "'2020-01-01 00:00:00.123456789'::timestamp_ns";
const COARSE = "'2020-01-01 00:00:00.123'::timestamp_ns";

describe("moments with a zone, in nanoseconds, of a Parquet file", () => {
  beforeAll(async () => {
    await writeZoned("coarse.parquet", `select ${COARSE} as t, 1 as n union all select null, 2`);
    await writeZoned("fine.parquet", `select ${COARSE} as t, 1 as n union all select ${FINE}, 2`);
    await writeZoned("nested.parquet", `select [${FINE}] as l, {'a': ${FINE}} as s`);
  });

  it("are instants where all are of milliseconds", async () => {
    const frame = await loadFrame(lake, "coarse.parquet");
    expect(frame.values).toEqual([
      [new Date("2020-01-01T00:00:00.123Z"), 1],
      [null, 2],
    ]);
    const asked = await query(lake, "select typeof(t) as type from 'coarse.parquet' limit 1");
    expect(asked.values).toEqual([["TIMESTAMP WITH TIME ZONE"]]);
  });

  it("are text with every digit where any is finer", async () => {
    const frame = await loadFrame(lake, "fine.parquet");
    expect(frame.values).toEqual([
      ["2020-01-01 00:00:00.123", 1],
      ["2020-01-01 00:00:00.123456789", 2],
    ]);
  });

  it("are compared by every digit", async () => {
    const where = "t > '2020-01-01 00:00:00.123456788'";
    expect((await loadFrame(lake, "fine.parquet", { columns: ["n"], where })).values).toEqual([
      [2],
    ]);
    const sql = "select max(t)::varchar as x from 'fine.parquet'";
    expect((await query(lake, sql)).values).toEqual([["2020-01-01 00:00:00.123456789"]]);
  });

  it("are whole in lists and structs", async () => {
    const [[list, struct] = []] = (await loadFrame(lake, "nested.parquet")).values as string[][];
    expect(list).toBe('["2020-01-01 00:00:00.123456789"]');
    expect(struct).toBe('{"a":"2020-01-01 00:00:00.123456789"}');
  });

  it("are whole beside those of another unit", async () => {
    for (const [zoned, plain] of [
      ["a", "b"],
      ["b", "a"],
    ]) {
      await writeZoned(`mixed/${zoned}.parquet`, `select ${FINE} as t`);
      const coarse = "select '2020-01-01 00:00:00.5'::timestamptz as t";
      await writeParquet(`${folder}/mixed/${plain}.parquet`, coarse);
      const { values } = await loadFrame(lake, "mixed/*.parquet");
      expect(values.flat().sort()).toEqual([
        "2020-01-01 00:00:00.123456789",
        "2020-01-01 00:00:00.5",
      ]);
    }
  });

  it("are refused where the footer cannot be told for certain", async () => {
    const bytes = "\\x8C\\x11\\x1C<\\x00\\x00\\x00\\x00";
    const options = `, kv_metadata {k: '${bytes}'::blob}`;
    await writeZoned("odd.parquet", `select ${FINE} as t, 1 as n`, options);
    await expect(loadFrame(lake, "odd.parquet")).rejects.toMatchObject({ code: "UNKNOWN_TYPE" });
  });

  it("leave the file as it is, and other files alone", async () => {
    const before = await readFile(`${folder}/fine.parquet`);
    await loadFrame(lake, "fine.parquet");
    expect(await readFile(`${folder}/fine.parquet`)).toEqual(before);
    await writeParquet(`${folder}/plain.parquet`, `select ${FINE} as t`);
    const { values } = await loadFrame(lake, "plain.parquet");
    expect(values).toEqual([["2020-01-01 00:00:00.123456789"]]);
  });
});

describe("times and moments in nanoseconds that pyarrow wrote", () => {
  it.each(["nanoseconds.parquet", "nanoseconds.arrow"])("%s", async (name) => {
    await lake.write(name, await readFile(join(import.meta.dirname, "files", name)));
    expect((await loadFrame(lake, name)).values).toEqual([
      ["2020-01-01 00:00:00.123456789", "01:02:03.123456789", '["01:02:03.123456789"]'],
      [null, null, null],
    ]);
  });
});
