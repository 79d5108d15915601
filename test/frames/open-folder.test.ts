import { copyFile, mkdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import XLSX from "@e965/xlsx";
import { beforeAll, describe, expect, it } from "vitest";
import { loadFrame as loadInCell } from "../../src/connect/frames.ts";
import type { LakeFiles } from "../../src/frames/lake-files.ts";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { writeFrame, writeQuery } from "../../src/frames/write-frame.ts";
import { type LocalFolder, openFolder } from "../../src/lake/open-folder.ts";
import { metaData, PROTOCOL } from "./delta-table.ts";
import { scratchFolder } from "./scratch-folder.ts";
import { writeParquet } from "./write-parquet.ts";

const scratch = scratchFolder();
const folder = join(scratch, "data");
let here: LocalFolder;

beforeAll(async () => {
  await mkdir(join(folder, "sales/year=2025"), { recursive: true });
  await mkdir(join(folder, "sales/year=2026"), { recursive: true });
  await writeFile(join(folder, "sales/year=2025/a.csv"), "id,amount\n1,10\n2,20\n");
  await writeFile(join(folder, "sales/year=2026/b.csv"), "id,amount\n3,30\n");
  await writeFile(join(folder, "one.csv"), "id,name\n1,Ada\n");
  await writeFile(join(folder, "one.csv.gz"), gzipSync("id,name\n1,Ada\n"));
  await writeFile(join(folder, "one.ndjson"), '{"id":1,"name":"Ada"}\n');
  await writeParquet(join(folder, "one.parquet"), "select 1 as id, 'Ada' as name");
  const book = XLSX.utils.book_new();
  XLSX.utils.book_append_sheet(
    book,
    XLSX.utils.aoa_to_sheet([
      ["id", "name"],
      [1, "Ada"],
    ]),
    "People",
  );
  await writeFile(join(folder, "one.xlsx"), XLSX.write(book, { type: "buffer" }));
  await copyFile(join(import.meta.dirname, "files/plain.arrow"), join(folder, "plain.arrow"));
  here = openFolder(folder);
});

describe("files of this machine are read as those of a lake", () => {
  it.each(["one.csv", "one.csv.gz", "one.ndjson", "one.parquet", "one.xlsx"])(
    "%s",
    async (name) => {
      const frame = await loadFrame(here, name);
      expect(frame.columns).toEqual(["id", "name"]);
      expect(frame.values).toEqual([[1, "Ada"]]);
      expect((await query(here, `select name from '${name}'`)).values).toEqual([["Ada"]]);
    },
  );

  it("an Arrow file", async () => {
    expect((await loadFrame(here, "plain.arrow")).shape[0]).toBeGreaterThan(0);
  });

  it("folders of partitions, globs and conditions", async () => {
    const all = [
      [1, 10, 2025],
      [2, 20, 2025],
      [3, 30, 2026],
    ];
    expect((await loadFrame(here, "sales")).values).toEqual(all);
    expect((await loadFrame(here, join(folder, "sales"))).values).toEqual(all);
    expect((await loadFrame(here, "sales/**/*.csv", { where: "year = 2026" })).values).toEqual([
      [3, 30, 2026],
    ]);
    const sql = "select year, sum(amount) as s from 'sales/*/*.csv' group by year order by year";
    expect((await query(here, sql)).values).toEqual([
      [2025, 30],
      [2026, 30],
    ]);
  });

  it("one Parquet file of a partition, whose column the engine knows from the path", async () => {
    const path = join(folder, "sold/year=2026/day=x%20y");
    await mkdir(path, { recursive: true });
    await writeParquet(join(path, "a.parquet"), "select 1 as n");
    const sql = "select max(year) as y, min(day) as d, count(*) as n from 'sold'";
    expect((await query(here, sql)).values).toEqual([[2026, "x y", 1]]);
    expect((await loadFrame(here, "sold", { where: "year = 2025" })).shape).toEqual([0, 3]);
  });

  it("a Delta table: the log says what counts", async () => {
    const table = join(folder, "table");
    await mkdir(join(table, "_delta_log"), { recursive: true });
    await writeParquet(join(table, "old.parquet"), "select 1 as n");
    await writeParquet(join(table, "new.parquet"), "select 2 as n");
    const fields = [{ name: "n", type: "integer", nullable: true, metadata: {} }];
    const { size } = await here.stat("table/new.parquet");
    const actions = [
      PROTOCOL,
      metaData(fields),
      { add: { path: "new.parquet", partitionValues: {}, size } },
    ];
    const lines = actions.map((action) => JSON.stringify(action)).join("\n");
    await writeFile(join(table, `_delta_log/${"0".repeat(20)}.json`), `${lines}\n`);
    expect((await loadFrame(here, "table")).values).toEqual([[2]]);
    await expect(loadFrame(here, "table/*.parquet")).rejects.toMatchObject({ code: "DELTA_TABLE" });
  });

  it("a folder that is a link in the Delta table's log is not left", async () => {
    const table = join(folder, "clone");
    await mkdir(join(table, "_delta_log"), { recursive: true });
    await writeParquet(join(scratch, "outside.parquet"), "select 42 as n");
    const fields = [{ name: "n", type: "integer", nullable: true, metadata: {} }];
    for (const path of ["../../outside.parquet", `file://${scratch}/outside.parquet`]) {
      const actions = [
        PROTOCOL,
        metaData(fields),
        { add: { path, partitionValues: {}, size: 100 } },
      ];
      const lines = actions.map((action) => JSON.stringify(action)).join("\n");
      await writeFile(join(table, `_delta_log/${"0".repeat(20)}.json`), `${lines}\n`);
      await expect(loadFrame(here, "clone")).rejects.toMatchObject({ code: "BAD_TABLE" });
    }
  });

  it("with the same limits and errors", async () => {
    await expect(loadFrame(here, "sales", { maxBytes: 10 })).rejects.toMatchObject({
      code: "TOO_LARGE",
    });
    await writeFile(join(folder, "packed.csv.gz"), gzipSync("id,name\n1,Ada\n"));
    await expect(loadFrame(here, "packed.csv.gz", { maxUnpackedBytes: 5 })).rejects.toMatchObject({
      code: "TOO_LARGE",
    });
    await expect(loadFrame(here, "none/*.csv")).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(loadFrame(here, "sales/*.json")).rejects.toMatchObject({ code: "NO_FILES" });
    await expect(query(here, "from nowhere")).rejects.toMatchObject({ code: "NO_TABLE" });
  });

  it("and an aborted load ends", async () => {
    const { signal } = Object.assign(new AbortController(), {});
    const aborted = AbortSignal.any([signal, AbortSignal.abort()]);
    await expect(loadFrame(here, "one.csv", { signal: aborted })).rejects.toThrow(/abort/i);
  });
});

describe("nothing outside of the folder is read", () => {
  it("by a path, a pattern or a link", async () => {
    await writeFile(join(scratch, "secret.csv"), "a\n42\n");
    await mkdir(join(folder, "links"), { recursive: true });
    await symlink(join(scratch, "secret.csv"), join(folder, "links/x.csv"));
    for (const place of ["../secret.csv", "links/x.csv", "links/*.csv", "links", "../*.csv"]) {
      await expect(loadFrame(here, place)).rejects.toMatchObject({ code: "BAD_PATH" });
      await expect(query(here, `from '${place}'`)).rejects.toMatchObject({ code: "BAD_PATH" });
    }
    const sql = `from read_text('${scratch}/secret.csv')`;
    await expect(query(here, sql)).rejects.toMatchObject({ code: "BAD_SQL" });
  });
});

describe("a file that others write", () => {
  it("is read in its latest version, even right after it was replaced", async () => {
    for (let round = 0; round < 20; round++) {
      await writeFile(join(folder, "busy.csv"), `n\n${round % 10}\n`);
      expect((await loadFrame(here, "busy.csv")).values).toEqual([[round % 10]]);
    }
  });

  it("is never read in two versions at once", async () => {
    const rows = (text: string) => `n\n${`${text}\n`.repeat(200_000)}`;
    let isOn = true;
    const writing = (async () => {
      for (let round = 0; isOn; round++) {
        // In turn: in place of the file, and into it.
        const way = round % 2 ? "whole.tmp" : "whole.csv";
        await writeFile(join(folder, way), rows(String(round % 7)));
        if (round % 2) await rename(join(folder, way), join(folder, "whole.csv"));
      }
    })();
    const seen: unknown[] = [];
    for (let round = 0; round < 12; round++) {
      const sql = "select count(distinct n) as kinds, count(*) as rows from 'whole.csv'";
      seen.push(
        await query(here, sql).then(
          ({ values }) => values[0],
          ({ code }) => code,
        ),
      );
    }
    isOn = false;
    await writing;
    for (const found of seen) {
      // A writer that empties a file and fills it again shows it empty or in part meanwhile.
      if (Array.isArray(found)) expect(found[0]).toBeLessThanOrEqual(1);
      else expect(found).toMatch(/^(CHANGED|EMPTY_FILE|BAD_RANGE|NOT_FOUND)$/);
    }
  });
});

describe("dataframes are written to this machine", () => {
  it("as CSV and Parquet, and read back", async () => {
    const frame = await loadFrame(here, "sales");
    for (const name of ["out/sales.csv", "out/sales.parquet"]) {
      expect(await writeFrame(here, name, frame)).toMatchObject({ path: name, kind: "file" });
      expect((await loadFrame(here, name)).values).toEqual(frame.values);
      await expect(writeFrame(here, name, frame)).rejects.toMatchObject({ code: "EXISTS" });
      await writeFrame(here, name, await loadFrame(here, "one.csv"), { overwrite: true });
      expect((await loadFrame(here, name)).values).toEqual([[1, "Ada"]]);
    }
    expect(await readFile(join(folder, "out/sales.csv"), "utf8")).toBe("id,name\n1,Ada\n");
  });

  it("as a folder of partitions, replaced as a whole", async () => {
    const sql = "select * from 'sales/**'";
    for (const condition of ["true", "year = 2026"]) {
      await writeQuery(here, "parts", `${sql} where ${condition}`, {
        partitionBy: ["year"],
        overwrite: true,
      });
      const back = await query(here, "select count(*) as n, max(year) as y from 'parts'");
      expect(back.values).toEqual([[condition === "true" ? 3 : 1, 2026]]);
    }
    const left: string[] = [];
    for await (const { path } of here.list(".parts*")) left.push(path);
    expect(left).toEqual([]);
  });

  it("not outside of the folder", async () => {
    const frame = await loadFrame(here, "one.csv");
    await mkdir(join(scratch, "elsewhere"), { recursive: true });
    await symlink(join(scratch, "elsewhere"), join(folder, "way"));
    await expect(writeFrame(here, "../x.csv", frame)).rejects.toMatchObject({ code: "BAD_PATH" });
    await expect(writeFrame(here, "way/x.csv", frame)).rejects.toThrow(/way is a link/);
  });
});

describe("without a lake", () => {
  it("loadFrame names openFolder", async () => {
    const hint = /NO_LAKE.*"sales.csv".*\n.*loadFrame\(openFolder\("\."\), "sales.csv"\)/s;
    const untyped = loadInCell as unknown as (place: string) => Promise<unknown>;
    const error = await untyped("sales.csv").catch(String);
    expect(error).toMatch(hint);
  });

  it("the others do, too", async () => {
    const no = "select 1" as unknown as LakeFiles & LocalFolder;
    const frame = await loadFrame(here, "one.csv");
    await expect(query(no, "select 1")).rejects.toThrow(/query\(openFolder/);
    await expect(writeFrame(no, "x.csv", frame)).rejects.toThrow(/writeFrame\(openFolder/);
    await expect(writeQuery(no, "x.csv", "select 1")).rejects.toThrow(/writeQuery\(openFolder/);
  });
});
