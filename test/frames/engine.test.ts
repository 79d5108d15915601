import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { withEngine } from "../../src/frames/sql/engine.ts";
import { FolderLake } from "./folder-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const lake = new FolderLake(join(folder, "lake"));
const secret = join(folder, "secret.csv");

async function prepare() {
  await writeFile(secret, "a\n42\n");
  await lake.write("t.csv", "a\n1\n");
  // The cache, which the engine may read, has a copy of another lake's file.
  const other = new FolderLake(join(folder, "other"));
  await other.write("private.csv", "a\n42\n");
  await loadFrame(other, "private.csv");
}

const CACHED = () => join(process.env.NOTELAKE_CACHE ?? "", "*/private.csv");

describe("a statement reaches nothing of this machine", () => {
  it.each([
    ["read_text", () => `select * from read_text('${secret}')`],
    ["read_blob", () => `select (select content from read_blob('${secret}')) as x`],
    ["read_csv of a query", () => `from read_csv_auto((select '${secret}'))`],
    ["read_csv of a column", () => `select * from (select '${secret}' as p) t, read_csv(t.p)`],
    ["READ_TEXT in capitals", () => `from READ_TEXT('${secret}')`],
    ["a function of a schema", () => `from main.read_text('${secret}')`],
    ["sniff_csv", () => `from sniff_csv('${secret}')`],
    ["parquet_metadata", () => `from parquet_metadata('${secret}')`],
    ["another lake's copy", () => `from read_text('${CACHED()}')`],
    ["a statement in a text", () => `from query('from read_text(''${CACHED()}'')')`],
    ["a table in a text", () => `from query_table('${secret}')`],
    ["settings", () => "from duckdb_settings()"],
    ["one setting", () => "select current_setting('temp_directory')"],
    ["a plan", () => `select json_serialize_plan('from ''${secret}''')`],
    [
      "a name of a with clause",
      () => `select (with "${secret}" as (select 1) select 1), * from '${secret}'`,
    ],
    ["a lateral join", () => `from 't.csv' t, lateral (from read_text('${secret}'))`],
    ["a set operation", () => `select 1 union all select content from read_text('${secret}')`],
    ["copy", () => `copy (select 1) to '${secret}'`],
    ["attach", () => `attach '${folder}/x.db'`],
    ["install", () => "install httpfs"],
    ["load", () => "load httpfs"],
    ["set", () => "set enable_external_access = true"],
    ["pragma", () => "pragma database_list"],
    ["a second statement", () => `select 1; copy (select 1) to '${folder}/x.csv'`],
  ])("%s", async (_, sql) => {
    await prepare();
    await expect(query(lake, sql())).rejects.toMatchObject({ code: "BAD_SQL" });
    expect(existsSync(join(folder, "x.csv"))).toBe(false);
  });

  it("and paths in functions that read files are those of the lake", async () => {
    await prepare();
    for (const path of [`['t.csv', '${secret}']`, `concat('${secret}', '')`, `'${CACHED()}'`]) {
      const code = expect.stringMatching(/^(NOT_FOUND|NO_FILES)$/);
      await expect(query(lake, `from read_csv(${path})`)).rejects.toMatchObject({ code });
      expect((await query(lake, `from glob(${path}) where file <> 't.csv'`)).shape[0]).toBe(0);
    }
    expect((await query(lake, "from glob('/etc/*')")).values).toEqual([]);
  });

  it.each([
    ["a function", () => `a in (select 42 from read_text('${secret}'))`],
    ["a table", () => `a = (select a from '${secret}')`],
    ["a second select", () => `true union all select * from '${secret}'`],
    ["a second statement", () => `true; copy (select 1) to '${folder}/x.csv'`],
  ])("nor does { where }: %s", async (_, where) => {
    await prepare();
    const loading = loadFrame(lake, "t.csv", { where: where() });
    await expect(loading).rejects.toMatchObject({ code: "BAD_SQL" });
  });

  it("even where the statement is not looked at", async () => {
    await prepare();
    for (const sql of [
      `from read_text('${secret}')`,
      `from '${secret}'`,
      `copy (select 1) to '${folder}/x.csv'`,
      `attach '${folder}/x.db'`,
      "load httpfs",
      "set global enable_external_access = true",
      "set global allowed_directories = ['/']",
      "set memory_limit = '1TB'",
    ]) {
      const run = withEngine((engine) => engine.run(sql));
      await expect(run).rejects.toThrow(/disabled|locked/);
    }
  });
});

describe("an engine that broke down", () => {
  const died = () =>
    new Error("INTERNAL Error: Attempted to access index 0 within vector of size 0");

  it("is replaced for the next call", async () => {
    await withEngine((engine) => engine.run("create table main.mark (a int)"));
    await withEngine((engine) => engine.run("from main.mark"));
    const call = withEngine(async () => {
      throw died();
    });
    await expect(call).rejects.toThrow("INTERNAL");
    await expect(withEngine((engine) => engine.run("from main.mark"))).rejects.toThrow("mark");
  });

  it("costs those who used it at the same time no more than time", async () => {
    let tries = 0;
    const result = await withEngine(async (engine) => {
      tries += 1;
      if (tries === 1) {
        throw new Error(
          "FATAL Error: Failed: database has been invalidated because of a previous fatal error.",
        );
      }
      return (await engine.runAndReadAll("select 1")).getRowsJson();
    });
    expect([tries, result]).toEqual([2, [[1]]]);
  });
});
