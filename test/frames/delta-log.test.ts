import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { describeHistory } from "../../src/frames/delta/describe-history.ts";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { field, metaData, PROTOCOL, pad } from "./delta-table.ts";
import { deltaWriting } from "./delta-writing.ts";

const { write, append, overwrite, rows, actions, commitByHand, files, folder, here } =
  deltaWriting();

describe("the log", () => {
  it("gets a checkpoint at each tenth version, with all that a table is", async () => {
    await write("select 0 as a, 'x' as p", { partitionBy: ["p"] });
    const [, , add] = await actions(0);
    const gone = {
      path: "gone.parquet",
      partitionValues: { p: "x" },
      deletionTimestamp: Date.now(),
      dataChange: true,
    };
    await commitByHand(1, [
      { txn: { appId: "stream", version: 7 } },
      { domainMetadata: { domain: "d", configuration: "{}", removed: false } },
      { remove: gone },
      { remove: { ...gone, path: "long-gone.parquet", deletionTimestamp: 1 } },
    ]);
    expect(add).toBeDefined();
    for (let n = 2; n <= 11; n++) await append(`select ${n} as a, null as p`);
    const log = join(folder, "t/_delta_log");
    expect(JSON.parse(await readFile(join(log, "_last_checkpoint"), "utf8"))).toMatchObject({
      version: 10,
    });
    const expected = await rows();
    for (let n = 0; n < 10; n++) await rm(join(log, `${pad(n)}.json`));
    expect(await rows()).toEqual(expected);
    expect(expected.length).toBe(11);
    const kept = await query(
      here,
      `select txn.appId, txn.version, domainMetadata.domain, remove.path
      from 't/_delta_log/${pad(10)}.checkpoint.parquet' where coalesce(txn.appId, domainMetadata.domain, remove.path) is not null`,
    );
    expect(kept.values).toEqual([
      ["stream", 7, null, null],
      [null, null, "d", null],
      [null, null, null, "gone.parquet"],
    ]);
    await overwrite("select 99 as a, 'y' as p");
    expect(await rows()).toEqual([[99, "y"]]);
  });

  it("gets them as often as the table says", async () => {
    await commitByHand(0, [
      PROTOCOL,
      metaData([field("a", "integer")], [], { "delta.checkpointInterval": "2" }),
    ]);
    for (let n = 1; n <= 4; n++) await append(`select ${n} as a`);
    const names = (await files()).filter((name) => name.includes("checkpoint"));
    expect(names.sort()).toEqual([2, 4].map((n) => `_delta_log/${pad(n)}.checkpoint.parquet`));
  });

  it("tells its history, and each version and moment is read again", async () => {
    await write("select 1 as a");
    await append("select 2 as a");
    await overwrite("select 3 as a");
    const history = await describeHistory(here, "t");
    expect(history.columns.slice(0, 3)).toEqual(["version", "timestamp", "operation"]);
    expect(history.column("version").values).toEqual([2, 1, 0]);
    const modes = (history.column("operationParameters").values as string[]).map(
      (text) => JSON.parse(text).mode,
    );
    expect(modes).toEqual(["Overwrite", "Append", "ErrorIfExists"]);
    expect((await describeHistory(here, "t", { limit: 1 })).shape[0]).toBe(1);
    expect((await loadFrame(here, "t", { version: 1 })).values).toEqual([[1], [2]]);
    expect((await loadFrame(here, "t", { at: new Date() })).values).toEqual([[3]]);
    await mkdir(join(folder, "none"));
    await expect(describeHistory(here, "none")).rejects.toMatchObject({ code: "NO_TABLE" });
  });

  it("has statistics that are never too narrow", async () => {
    const long = "z".repeat(40);
    await write(`select * from (values
      (1, 'nan'::double, '${long}a', timestamp '2026-01-01 00:00:00.0000001', 1.5::decimal(20,1), true, 0.1::float),
      (null, 2, '🚲', timestamp '2026-01-01 00:00:00.001001', 2, false, 0.2)) v(i, d, t, moment, wide, yes, f)`);
    const stats = JSON.parse(String((await actions(0)).find(({ add }) => add)?.add?.stats));
    expect(stats).toEqual({
      numRecords: 2,
      minValues: {
        i: 1,
        t: long.slice(0, 32),
        moment: "2026-01-01T00:00:00.000",
        f: Math.fround(0.1),
      },
      maxValues: { i: 1, t: "🚲", moment: "2026-01-01T00:00:00.002", f: Math.fround(0.2) },
      nullCount: { i: 1, d: 0, t: 0, moment: 0, wide: 0, yes: 0, f: 0 },
    });
    await append(`select 5 as i, '${long}b' as t`);
    const second = JSON.parse(String((await actions(1)).find(({ add }) => add)?.add?.stats));
    expect(second.maxValues.t > `${long}b`).toBe(true);
    expect(await rows("select i from 't' where i > 2")).toEqual([[5]]);
    expect(await rows(`select i from 't' where t = '${long}b'`)).toEqual([[5]]);
  });
});
