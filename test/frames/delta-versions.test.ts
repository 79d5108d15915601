import { utimes } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FrameError } from "../../src/core/errors.ts";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { deltaTable, features, field, metaData, PROTOCOL, pad } from "./delta-table.ts";

const table = deltaTable();

const META = metaData([field("id", "long")]);

/** A file that holds its number only. */
function file(id: number, more = {}) {
  return table.file(`${id}.parquet`, `select ${id}::bigint as id`, more);
}

async function ids(options = {}): Promise<unknown> {
  const { values } = await loadFrame(table.lake, "t", options);
  return (values as number[][]).flat().sort((a, b) => a - b);
}

/** Commits 0 to `last`, of which each adds a file with its number. */
async function commits(last: number): Promise<object[]> {
  const added = [];
  for (let id = 0; id <= last; id++) added.push(await file(id));
  for (const [id, add] of added.entries()) {
    await table.commit(id, id === 0 ? [PROTOCOL, META, add] : [add]);
  }
  return added;
}

describe("versions of a Delta table", () => {
  it("says which versions there are", async () => {
    await commits(2);
    await expect(ids({ version: 5 })).rejects.toThrow(
      /no version 5\n.*earliest is 0, the latest is 2/,
    );
    await expect(ids({ version: -1 })).rejects.toMatchObject({ code: "NO_VERSION" });
    await expect(ids({ version: 0.5 })).rejects.toMatchObject({ code: "NO_VERSION" });
  });

  it("refuses a log that lacks a commit in the middle, and reads what is before it", async () => {
    await commits(3);
    await table.remove(`_delta_log/${pad(2)}.json`);
    await expect(ids()).rejects.toThrow(/log of the Delta table t lacks version 2/);
    expect(await ids({ version: 1 })).toEqual([0, 1]);
  });

  it("names the earliest version when the log was cleaned", async () => {
    const added = await commits(4);
    await table.checkpoint(`${pad(3)}.checkpoint.parquet`, [PROTOCOL, META, ...added.slice(0, 4)]);
    for (const version of [0, 1, 2]) await table.remove(`_delta_log/${pad(version)}.json`);
    expect(await ids()).toEqual([0, 1, 2, 3, 4]);
    expect(await ids({ version: 3 })).toEqual([0, 1, 2, 3]);
    await expect(ids({ version: 2 })).rejects.toThrow(
      /no version 2\n.*earliest is 3, the latest is 4\. Its log was cleaned/,
    );
    await expect(ids({ at: new Date(0) })).rejects.toThrow(/no version as old as 1970-01-01T00/);
  });

  it("reads the version of a moment, by when commits were last modified", async () => {
    await commits(3);
    // The clocks of two writers disagree: a commit counts as later than the one before it.
    for (const [version, seconds] of [100, 200, 150, 300].entries()) {
      await utimes(join(table.lake.root, `t/_delta_log/${pad(version)}.json`), seconds, seconds);
    }
    const at = (seconds: number) => ids({ at: new Date(seconds * 1000) });
    expect(await at(100)).toEqual([0]);
    expect(await at(199)).toEqual([0]);
    expect(await at(200)).toEqual([0, 1]);
    expect(await at(250)).toEqual([0, 1, 2]);
    expect(await ids({ at: "2030-01-01" })).toEqual([0, 1, 2, 3]);
    const found = await query(table.lake, "select count(*) as files from 't'", {
      read: { t: { at: "1970-01-01T00:03:20Z" } },
    });
    expect(found.values).toEqual([[2]]);
    await expect(at(99)).rejects.toMatchObject({ code: "NO_VERSION" });
    await expect(ids({ at: "yesterday" })).rejects.toThrow(/yesterday is not a point in time/);
  });

  it("reads the version of a moment, by the commits' own times where they have them", async () => {
    const timed = metaData([field("id", "long")], [], {
      "delta.enableInCommitTimestamps": "true",
      "delta.inCommitTimestampEnablementVersion": "2",
      "delta.inCommitTimestampEnablementTimestamp": "5000",
    });
    const info = (inCommitTimestamp: number) => ({ commitInfo: { inCommitTimestamp } });
    await table.commit(0, [PROTOCOL, META, await file(0)]);
    await table.commit(1, [await file(1)]);
    await table.commit(2, [info(5000), timed, await file(2)]);
    await table.commit(3, [info(6000), await file(3)]);
    await table.commit(4, [info(7000), await file(4)]);
    for (const version of [0, 1]) {
      await utimes(join(table.lake.root, `t/_delta_log/${pad(version)}.json`), version, version);
    }
    const at = (time: number) => ids({ at: new Date(time) });
    expect(await at(999)).toEqual([0]);
    expect(await at(4999)).toEqual([0, 1]);
    expect(await at(5000)).toEqual([0, 1, 2]);
    expect(await at(6999)).toEqual([0, 1, 2, 3]);
    expect(await at(7000)).toEqual([0, 1, 2, 3, 4]);
    await table.commit(3, [await file(3)]);
    await expect(at(6000)).rejects.toThrow(/3\.json does not tell when it was committed/);
  });
});

describe("a checkpoint of a Delta table", () => {
  const name = `${pad(2)}.checkpoint`;

  it.each([
    ["classic", (all: object[]) => table.checkpoint(`${name}.parquet`, all)],
    [
      "in parts",
      async (all: object[]) => {
        await table.checkpoint(`${name}.0000000001.0000000002.parquet`, all.slice(0, 3));
        await table.checkpoint(`${name}.0000000002.0000000002.parquet`, all.slice(3));
      },
    ],
    ["of version 2 in Parquet", (all: object[]) => table.checkpoint(`${name}.a-b.parquet`, all)],
    [
      "of version 2 in JSON with sidecars",
      async (all: object[]) => {
        await table.checkpoint("_sidecars/x 1.parquet", all.slice(2, 3));
        await table.checkpoint("_sidecars/y.parquet", all.slice(3));
        const sidecars = ["x%201.parquet", "y.parquet"].map((path) => ({ sidecar: { path } }));
        const own = [{ checkpointMetadata: { version: 2 } }, ...all.slice(0, 2), ...sidecars];
        await table.log(`${name}.a-b.json`, own.map((one) => JSON.stringify(one)).join("\n"));
      },
    ],
  ])("is read: %s", async (_, write) => {
    const added = await commits(3);
    await write([features("v2Checkpoint"), META, ...added.slice(0, 3)]);
    await table.log("_last_checkpoint", "{ not JSON");
    // Without the checkpoint there would be no way to this version.
    for (const version of [0, 1, 2]) await table.remove(`_delta_log/${pad(version)}.json`);
    expect(await ids()).toEqual([0, 1, 2, 3]);
    expect(await ids({ version: 2 })).toEqual([0, 1, 2]);
  });

  const checkpointWith = (action: object) =>
    table.checkpoint(`${name}.u.parquet`, [PROTOCOL, META, action]);
  it.each([
    ["is cut off", () => table.log(`${name}.parquet`, "PAR1 and no more")],
    [
      "lacks a part",
      () => table.checkpoint(`${name}.0000000001.0000000002.parquet`, [PROTOCOL, META]),
    ],
    ["lacks the protocol", () => table.checkpoint(`${name}.parquet`, [META])],
    ["lacks a sidecar", () => checkpointWith({ sidecar: { path: "no.parquet" } })],
    ["is of another version", () => checkpointWith({ checkpointMetadata: { version: 1 } })],
  ])("is left aside when it %s, as long as the commits are there", async (_, write) => {
    await commits(3);
    await write();
    expect(await ids()).toEqual([0, 1, 2, 3]);
    await table.remove(`_delta_log/${pad(0)}.json`);
    const error = (await ids().catch((cause) => cause)) as FrameError;
    expect(error).toMatchObject({ name: "FrameError" });
    expect(["BAD_TABLE", "NO_VERSION"]).toContain(error.code);
  });

  it("is of no use for a version before it", async () => {
    const added = await commits(2);
    await table.checkpoint(`${name}.parquet`, [PROTOCOL, META, ...added]);
    expect(await ids({ version: 1 })).toEqual([0, 1]);
  });

  it("is refused when the state disagrees with the version's checksum", async () => {
    const added = await commits(2);
    await table.log(`${pad(2)}.crc`, JSON.stringify({ numFiles: 3 }));
    expect(await ids()).toEqual([0, 1, 2]);
    await table.checkpoint(`${name}.parquet`, [PROTOCOL, META, ...added.slice(1)]);
    await expect(ids()).rejects.toThrow(/has 2 files at version 2, its checksum 3/);
  });
});
