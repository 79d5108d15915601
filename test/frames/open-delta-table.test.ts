import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FrameError } from "../../src/core/errors.ts";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { deltaTable, features, field, metaData, PROTOCOL, pad } from "./delta-table.ts";
import { FolderLake } from "./folder-lake.ts";

const table = deltaTable();

const META = metaData([field("id", "long"), field("part", "integer")], ["part"]);

/** One file of ids and how the log names it. */
function file(path: string, ids: readonly number[], part: number, more = {}) {
  const partitionValues = { part: String(part) };
  return table.file(path, rows(ids), { partitionValues, ...more });
}

function rows(ids: readonly number[]): string {
  return `from (values ${ids.map((id) => `(${id}::bigint)`).join(", ")}) v(id)`;
}

async function values(options = {}): Promise<unknown> {
  return (await loadFrame(table.lake, "t", options)).values;
}

describe("a Delta table", () => {
  it("has the rows of its log, and not of the files that lie about", async () => {
    await table.commit(0, [PROTOCOL, META, await file("a.parquet", [1, 2], 1)]);
    await table.commit(1, [await file("b.parquet", [3], 2), { remove: { path: "a.parquet" } }]);
    await file("stray.parquet", [9], 9);
    expect(await values()).toEqual([[3, 2]]);
    expect(await values({ version: 0 })).toEqual([
      [1, 1],
      [2, 1],
    ]);
  });

  it("is read partition by partition, also in a query", async () => {
    const added = [await file("x/a.parquet", [1], 1), await file("x/b.parquet", [2], 2)];
    await table.commit(0, [PROTOCOL, META, ...added]);
    table.lake.downloads.length = 0;
    const found = await query(table.lake, "select id from 't' where part = 2");
    expect(found.values).toEqual([[2]]);
    expect(table.lake.downloads).toEqual(["t/x/b.parquet"]);
  });

  it("is not pruned by what stands under a name that the statement gave", async () => {
    const added = [await file("a.parquet", [2], 1), await file("b.parquet", [1], 2)];
    await table.commit(0, [PROTOCOL, META, ...added]);
    const found = await query(table.lake, "select id from 't' as t(part, id) where part = 2");
    expect(found.values).toEqual([[1]]);
  });

  it.each(["t/*.parquet", "t/**/*.parquet", "t/part=1", "t/part=1/*.parquet", "**", "*/**"])(
    "is not taken file by file, as %s would, removed ones and all",
    async (place) => {
      const added = [await file("part=1/a.parquet", [1], 1), await file("b.parquet", [2], 2)];
      await table.commit(0, [PROTOCOL, META, ...added]);
      const refused = loadFrame(table.lake, place);
      await expect(refused).rejects.toMatchObject({ code: "DELTA_TABLE" });
      await expect(refused).rejects.toThrow("Load t itself");
    },
  );

  it("may be asked for as all that is below it, and a file of it by its own path", async () => {
    await table.commit(0, [PROTOCOL, META, await file("a.parquet", [1], 1)]);
    await file("stray.parquet", [9], 9);
    expect((await loadFrame(table.lake, "t/**")).values).toEqual([[1, 1]]);
    expect((await loadFrame(table.lake, "t/stray.parquet")).values).toEqual([[9]]);
  });

  it("may be a whole file system", async () => {
    await table.commit(0, [PROTOCOL, META, await file("a.parquet", [1], 1)]);
    const root = new FolderLake(join(table.lake.root, "t"));
    for (const place of ["/", "**"])
      expect((await loadFrame(root, place)).values).toEqual([[1, 1]]);
    await expect(loadFrame(root, "*.parquet")).rejects.toMatchObject({ code: "DELTA_TABLE" });
  });

  it("has its columns when it has no files", async () => {
    await table.commit(0, [PROTOCOL, META]);
    const frame = await loadFrame(table.lake, "t");
    expect(frame.columns).toEqual(["id", "part"]);
    expect(frame.shape[0]).toBe(0);
  });

  it("finds files by the path that its log encodes, and those of a clone by their URL", async () => {
    await table.parquet("a=1%2F2 ä/x y.parquet", rows([1]));
    await table.lake.write("other/b.parquet", await table.read("a=1%2F2 ä/x y.parquet"));
    const url = `${table.lake.url}other/b.parquet`;
    await table.commit(0, [
      PROTOCOL,
      META,
      { add: { path: "a=1%252F2%20%C3%A4/x%20y.parquet", partitionValues: { part: "1" } } },
      { add: { path: url, partitionValues: { part: "" } } },
    ]);
    expect(await values()).toEqual([
      [1, 1],
      [1, null],
    ]);
  });

  it.each([
    ["above its folder", "../other/b.parquet", /names a file outside: \.\.\/other\/b\.parquet/],
    ["above its folder, encoded", "%2e%2e/other/b.parquet", /names a file outside/],
    ["at the root", "/etc/passwd", /names a file outside/],
    ["in another lake", "abfss://x@y.dfs.core.windows.net/b.parquet", /outside: abfss:\/\/x@y/],
    ["of this machine", "file:///etc/passwd", /names a file outside: file:/],
    ["wrongly encoded", "%zz.parquet", /names a file wrongly/],
    ["that is gone", "gone.parquet", /lacks its file gone\.parquet/],
  ])("refuses a file %s", async (_, path, message) => {
    await table.lake.write("other/b.parquet", "");
    await table.commit(0, [PROTOCOL, META, { add: { path, partitionValues: {} } }]);
    const error = (await values().catch((cause) => cause)) as FrameError;
    expect(error).toMatchObject({ name: "FrameError", code: "BAD_TABLE" });
    expect(error.message).toMatch(message);
  });

  it("reads past features that change nothing for readers, and those of writers", async () => {
    const known = features("timestampNtz", "vacuumProtocolCheck", "v2Checkpoint", "variantType");
    const protocol = { ...known.protocol, writerFeatures: ["rowTracking", "madeUp"] };
    await table.commit(0, [{ protocol }, META, await file("a.parquet", [1], 1)]);
    expect(await values()).toEqual([[1, 1]]);
  });

  it.each([
    ["a feature that is not known", features("timestampNtz", "madeUp"), META, /t uses madeUp/],
    ["a catalog of its own", features("catalogManaged"), META, /catalogManaged\n.*its catalog/],
    [
      "a newer protocol",
      { protocol: { minReaderVersion: 4 } },
      META,
      /needs reader version 4, the newest known is 3/,
    ],
    [
      "columns mapped in a new way",
      features("columnMapping"),
      metaData([field("id", "long")], [], { "delta.columnMapping.mode": "colour" }),
      /maps its columns by colour/,
    ],
    [
      "a type that is not known",
      PROTOCOL,
      metaData([field("id", "long"), field("v", "geometry(OGC:CRS84)")]),
      /column v of the Delta table t is of type geometry/,
    ],
    [
      "a change of type that loses values",
      features("typeWidening"),
      metaData([
        field("id", "integer", {
          "delta.typeChanges": [{ fromType: "string", toType: "integer" }],
        }),
      ]),
      /column id of the Delta table t was changed from string to integer/,
    ],
  ])("refuses %s", async (_, protocol, meta, message) => {
    await table.commit(0, [protocol, meta, await file("a.parquet", [1], 1)]);
    const error = (await values().catch((cause) => cause)) as FrameError;
    expect(error).toMatchObject({ name: "FrameError", code: "UNSUPPORTED" });
    expect(error.message).toMatch(message);
  });

  it("says which line of which file is not JSON", async () => {
    const text = [PROTOCOL, META].map((action) => JSON.stringify(action)).join("\n");
    await table.log(`${pad(0)}.json`, `${text}\n{"add":{"path":"a.par`);
    await expect(values()).rejects.toThrow(
      /^t\/_delta_log\/0{20}\.json, line 3: not an action in JSON/,
    );
  });

  it("refuses a log without columns", async () => {
    await table.commit(0, [PROTOCOL]);
    await expect(values()).rejects.toThrow(/does not tell its columns/);
    for (const [index, schemaString] of ["{", "null", null, "[]", "1"].entries()) {
      await table.commit(index + 1, [{ metaData: { schemaString, partitionColumns: [] } }]);
      await expect(values()).rejects.toMatchObject({ name: "FrameError", code: "BAD_TABLE" });
    }
  });
});
