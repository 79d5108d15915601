import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import type { WriteFrameOptions } from "../../src/frames/write/write-options.ts";
import { writeQuery } from "../../src/frames/write-frame.ts";
import type { ContractLake } from "../lake/contract/contract-lake.ts";
import { startLake } from "../lake/start-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";

scratchFolder();

describe.each([1, 2] as const)("a Delta table in a lake of generation %i", (generation) => {
  let started: ContractLake;
  const write = (place: string, sql: string, options: WriteFrameOptions = {}) =>
    writeQuery(started.lake, place, sql, { format: "delta", mode: "append", ...options });

  beforeAll(async () => {
    started = await startLake(generation);
  });
  afterAll(() => started.close());

  it("keeps partitions of odd names, also at a URL", async () => {
    const { lake } = started;
    const sql = "select p, length(p) as n from (values ('ä 🚲/é'), ('a=b&c%d+e #?'), (null)) v(p)";
    const place = "tables/odd name";
    await write(`${lake.url}${place.replace(" ", "%20")}`, sql, { partitionBy: ["p"] });
    await write(`${lake.url}${place.replace(" ", "%20")}`, sql);
    expect((await query(lake, `from '${place}' order by p, n`)).values).toEqual(
      (await query(lake, `from (${sql}), range(2) select p, n order by p, n`)).values,
    );
  });

  it("gets the rows of writers at the same time, and a checkpoint", async () => {
    const { lake } = started;
    const writers = [0, 1].map(async (writer) => {
      for (let n = 0; n < 6; n++) await write("t", `select ${writer} as writer, ${n} as n`);
    });
    await Promise.all(writers);
    const counted = "select writer, count(distinct n) from 't' group by all order by all";
    expect((await query(lake, counted)).values).toEqual([
      [0, 6],
      [1, 6],
    ]);
    const log: string[] = [];
    for await (const { path } of lake.list("t/_delta_log")) log.push(path.split("/").at(-1) ?? "");
    expect(log.filter((name) => name.endsWith(".json")).length).toBe(12);
    expect(log).toContain("00000000000000000010.checkpoint.parquet");
    expect(log).toContain("_last_checkpoint");
  });

  it("is written once where the service fails now and then", async () => {
    const { lake, fail } = started;
    await write("busy", "select 1 as a");
    const fault = { kind: "status", status: 503, method: "PUT", path: "busy", times: 2 } as const;
    const failing = fail(fault);
    await write("busy", "select 2 as a");
    failing.remove();
    expect((await loadFrame(lake, "busy")).values).toEqual([[1], [2]]);
  });
});
