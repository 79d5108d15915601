import { deepStrictEqual } from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadedColumns } from "../../src/frames/danfo/lazy-frame.ts";
import { type QueryOptions, query } from "../../src/frames/query.ts";
import { makeExportFolder } from "../../src/frames/sql/engine.ts";
import type { Lake } from "../../src/lake/lake.ts";
import type { ContractLake } from "../lake/contract/contract-lake.ts";
import { startLake } from "../lake/start-lake.ts";
import { FolderLake } from "./folder-lake.ts";
import { LINES, PLAIN, ROWS, WORD } from "./plain-rows.ts";
import { scratchFolder } from "./scratch-folder.ts";

// CSV files that are large enough to be parsed while they arrive, as tables of a statement.

const folder = new FolderLake(scratchFolder());
let served: ContractLake;
let lake: Lake;

beforeAll(async () => {
  served = await startLake(2);
  lake = served.lake;
});
afterAll(() => served.close());

describe("a plain CSV file in a statement", () => {
  const ask = async (from: FolderLake | Lake, sql: string, options: QueryOptions = {}) =>
    loadedColumns(await query(from, sql, options))?.columns.map(({ name, type, values }) => ({
      ...{ name, type, values },
    }));
  const strictly = { read: { "asked.csv": { nulls: [] } } };
  const answer = (asked: Promise<unknown>) =>
    asked.catch(({ code, message }) => ({ code, message }));

  it.each([
    "select word, price, id from 'asked.csv'",
    "select driver, day, pickup, seen, flag from 'asked.csv'",
    "select driver, count(*) as n, max(price) as most from 'asked.csv' group by all order by all",
    "select a.id, b.price from 'asked.csv' a join 'asked.csv' b using (id) order by id limit 5",
    "select filename, id from 'asked.csv' limit 3",
    "select file_row_number, id from 'asked.csv' limit 3",
    "select rowid, id from 'asked.csv' limit 3",
    "select id, nothing from 'asked.csv'",
    "select driver::int as x, id from 'asked.csv'",
    "select ID, Driver from 'asked.csv' limit 3",
  ])("is what the strict reading makes of it: %s", async (sql) => {
    await folder.write("asked.csv", PLAIN);
    const own = await answer(ask(folder, sql));
    deepStrictEqual(own, await answer(ask(folder, sql, strictly)));
  });

  it("is parsed while it arrives, once, and its copy is there soon", async () => {
    await folder.write("seen.csv", `${PLAIN}\n`);
    const [bytes, downloads] = [folder.bytes, folder.downloads.length];
    const first = await ask(folder, "select price, id from 'seen.csv'");
    // Nobody but the own reader reads the bytes instead of downloading the file.
    expect(folder.downloads.length).toBe(downloads);
    deepStrictEqual(await ask(folder, "select price, id from 'seen.csv' where id >= 0"), first);
    expect(folder.bytes - bytes).toBe(Buffer.byteLength(PLAIN) + 1);
  });

  it("over TLS, beside one that is not plain", async () => {
    await lake.write("asked.csv", PLAIN, { overwrite: true });
    const quoted = PLAIN.replaceAll(WORD, `"${WORD}"`);
    await lake.write("quoted.csv", quoted, { overwrite: true });
    const sql = `select count(*) as n, sum(a.id) as ids, min(b.word) as word
      from 'asked.csv' a join 'quoted.csv' b on a.id = b.id`;
    const columns = await ask(lake, sql);
    const ids = (ROWS * (ROWS - 1)) / 2;
    expect(columns?.map(({ values }) => values[0])).toEqual([ROWS, ids, WORD]);
  });

  it("has a column of decimals where only its last row has a fraction, in the order of the file", async () => {
    const lines = Array.from({ length: 300_000 }, (_, row) => `${row},${row % 5}`);
    const text = `no,part\n${lines.join("\n")}\n300000,0.5\n`;
    await lake.write("late.csv", text, { overwrite: true });
    const columns = await ask(lake, "select no, part from 'late.csv'");
    expect(columns?.map(({ type }) => type)).toEqual(["BIGINT", "DOUBLE"]);
    const [no, part] = columns?.map(({ values }) => values as number[]) ?? [];
    expect(no?.every((value, row) => value === row)).toBe(true);
    expect(part?.every((value, row) => value === (row === 300_000 ? 0.5 : row % 5))).toBe(true);
  });

  it("has a column of texts where only its last rows have one, and is still parsed once it is here", async () => {
    const last = LINES[1]?.map((cell, index) => (index === 0 ? "N/A" : cell)).join(",");
    await folder.write("asked.csv", `${PLAIN}\n${last}`);
    const downloads = folder.downloads.length;
    const own = await ask(folder, "select id, price from 'asked.csv'");
    expect(folder.downloads.length).toBe(downloads);
    expect(own?.map(({ type }) => type)).toEqual(["VARCHAR", "DOUBLE"]);
    deepStrictEqual(own, await ask(folder, "select id, price from 'asked.csv'", strictly));
  });

  it("has nothing of the file before, whose memory it gets", async () => {
    await lake.write("long.csv", `${PLAIN}\n${LINES.join("\n")}`, { overwrite: true });
    // Shorter, and without an end of its last line.
    await lake.write("short.csv", PLAIN, { overwrite: true });
    const counts = (path: string) =>
      ask(lake, `select count(*) as n, sum(id) as ids from '${path}'`);
    const ids = (ROWS * (ROWS - 1)) / 2;
    // The second one waits for the copy: then the memory is free.
    for (const from of ["the lake", "its copy"]) {
      const values = (await counts("long.csv"))?.map(({ values }) => values[0]);
      expect([from, values]).toEqual([from, [2 * ROWS, 2 * ids]]);
    }
    expect((await counts("short.csv"))?.map(({ values }) => values[0])).toEqual([ROWS, ids]);
  });

  it("leaves nothing behind, and stops when it is told to", async () => {
    await folder.write("gone.csv", PLAIN);
    const stop = new AbortController();
    const asked = ask(folder, "select id, price from 'gone.csv'", {
      signal: stop.signal,
      onProgress: () => stop.abort(new Error("enough")),
    });
    await expect(asked).rejects.toThrow("enough");
    expect(await readdir(dirname(await makeExportFolder()))).toHaveLength(1);
  });
});
