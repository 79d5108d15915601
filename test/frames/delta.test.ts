import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { FolderLake } from "./folder-lake.ts";

let folder: string;
let lake: FolderLake;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "notelake-delta-"));
  process.env.NOTELAKE_CACHE = join(folder, "cache");
  lake = new FolderLake(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const SCHEMA = JSON.stringify({
  type: "struct",
  fields: [
    { name: "id", type: "long", nullable: true, metadata: {} },
    { name: "part", type: "integer", nullable: true, metadata: {} },
  ],
});
const META = { metaData: { id: "t", partitionColumns: ["part"], schemaString: SCHEMA } };
const PROTOCOL = { protocol: { minReaderVersion: 1, minWriterVersion: 2 } };

/** One file of ids and how the log names it. */
async function file(path: string, ids: readonly number[], part: number, more = {}) {
  const engine = await (await DuckDBInstance.create(":memory:")).connect();
  await mkdir(join(folder, "t", path, ".."), { recursive: true });
  const values = ids.map((id) => `(${id}::bigint)`).join(", ");
  await engine.run(`copy (from (values ${values}) v(id)) to '${join(folder, "t", path)}'`);
  return { add: { path, partitionValues: { part: String(part) }, ...more } };
}

function commit(version: number, actions: readonly object[]) {
  const name = `t/_delta_log/${String(version).padStart(20, "0")}.json`;
  return lake.write(name, actions.map((action) => JSON.stringify(action)).join("\n"));
}

beforeEach(() => rm(join(folder, "t"), { recursive: true, force: true }));

describe("a Delta table", () => {
  it("has the rows of its log, and not of the files that lie about", async () => {
    await commit(0, [PROTOCOL, META, await file("a.parquet", [1, 2], 1)]);
    await commit(1, [await file("b.parquet", [3], 2), { remove: { path: "a.parquet" } }]);
    await file("stray.parquet", [9], 9);
    expect((await loadFrame(lake, "t")).values).toEqual([[3, 2]]);
    expect((await loadFrame(lake, "t", { version: 0 })).values).toEqual([
      [1, 1],
      [2, 1],
    ]);
  });

  it("is read partition by partition, also in a query", async () => {
    const added = [await file("x/a.parquet", [1], 1), await file("x/b.parquet", [2], 2)];
    await commit(0, [PROTOCOL, META, ...added]);
    lake.downloads.length = 0;
    expect((await query(lake, "select id from 't' where part = 2")).values).toEqual([[2]]);
    expect(lake.downloads).toEqual(["t/x/b.parquet"]);
  });

  it.each([
    ["deletion vectors", {}, { deletionVector: { storageType: "u" } }],
    ["maps its columns by name", { configuration: { "delta.columnMapping.mode": "name" } }, {}],
  ])("is refused when it has %s", async (text, meta, more) => {
    const metaData = { ...META.metaData, ...meta };
    await commit(0, [PROTOCOL, { metaData }, await file("a.parquet", [1], 1, more)]);
    const error = await loadFrame(lake, "t").catch((cause) => cause);
    expect(error).toMatchObject({ name: "FrameError", code: "UNSUPPORTED" });
    expect(error.message).toContain(text);
  });

  it("is refused for a feature of readers that is not known", async () => {
    const protocol = { minReaderVersion: 3, readerFeatures: ["timestampNtz", "variantType"] };
    await commit(0, [{ protocol }, META, await file("a.parquet", [1], 1)]);
    await expect(loadFrame(lake, "t")).rejects.toThrow(/the Delta table t uses variantType/);
  });

  it("says which version there is, and which commit or file is gone", async () => {
    await commit(0, [PROTOCOL, META, { add: { path: "gone.parquet", partitionValues: {} } }]);
    await expect(loadFrame(lake, "t", { version: 5 })).rejects.toThrow(
      /no version 5\n.*latest is 0/,
    );
    await expect(loadFrame(lake, "t")).rejects.toMatchObject({ code: "BAD_TABLE" });
    await commit(2, []);
    await expect(loadFrame(lake, "t")).rejects.toThrow(/lacks version 1/);
  });
});
