import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import XLSX from "@e965/xlsx";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { writeFrame, writeQuery } from "../../src/frames/write-frame.ts";
import { openFolder } from "../../src/lake/open-folder.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();

/** What another program finds in the first sheet. */
function cells(name: string): unknown[][] {
  const { Sheets, SheetNames } = XLSX.read(readFileSync(join(folder, name)));
  return XLSX.utils.sheet_to_json(Sheets[SheetNames[0] ?? ""] ?? {}, { header: 1, raw: true });
}

describe("an Excel file", () => {
  it("has each value as it is, and text that looks like a formula as text", async () => {
    const here = openFolder(folder);
    const sql = `select * from (values
      (1, 0.1, 'a', true, date '2024-02-29', timestamp '2024-02-29 12:34:56.789', 9007199254740993),
      (2, -1e300, '=1+1', false, date '1900-03-01', timestamp '1999-12-31 23:59:59.999', 1),
      (null, 'nan', null, null, null, null, null)) t(i, x, t, b, d, m, big)`;
    await writeQuery(here, "out/all.xlsx", sql);
    const frame = await loadFrame(here, "out/all.xlsx");
    expect(frame.values).toEqual([
      [
        1,
        0.1,
        "a",
        true,
        new Date("2024-02-29"),
        new Date("2024-02-29T12:34:56.789Z"),
        "9007199254740993",
      ],
      [2, -1e300, "=1+1", false, new Date("1900-03-01"), new Date("1999-12-31T23:59:59.999Z"), "1"],
    ]);
    const sheet = XLSX.read(readFileSync(join(folder, "out/all.xlsx"))).Sheets.Sheet1 ?? {};
    expect(sheet.C3).toMatchObject({ t: "s", v: "=1+1" });
    expect(sheet.C3?.f).toBeUndefined();
    await expect(writeQuery(here, "out/all.xlsx", sql)).rejects.toMatchObject({ code: "EXISTS" });
  });

  it("is written of a dataframe, with no rows too", async () => {
    const here = openFolder(folder);
    const frame = await query(here, "select 1 as id, 'x' as name");
    await writeFrame(here, "one.xlsx", frame);
    expect(cells("one.xlsx")).toEqual([
      ["id", "name"],
      [1, "x"],
    ]);
    await writeFrame(here, "named", frame, { format: "excel" });
    await writeQuery(here, "none.xlsx", "select 1 as id where false");
    expect(cells("none.xlsx")).toEqual([["id"]]);
  });

  it("comes back by our reader, whatever texts and numbers there are", async () => {
    const here = openFolder(folder);
    const word = fc
      .string({ minLength: 1, unit: "grapheme", maxLength: 8 })
      .filter((t) => !/[\p{C}\ufffe\uffff]/u.test(t));
    const rows = fc.array(fc.tuple(word, fc.double({ noNaN: true, noDefaultInfinity: true })), {
      minLength: 1,
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(rows, async (written) => {
        const columns = ["t", "n"];
        const lists = { t: written.map(([t]) => t), n: written.map(([, n]) => (n === 0 ? 0 : n)) };
        const column = (name: string) => ({ values: lists[name as "t" | "n"] });
        await writeFrame(here, "any.xlsx", { columns, column }, { overwrite: true });
        const frame = await loadFrame(here, "any.xlsx");
        expect(frame.column("n").values).toEqual(lists.n);
        expect(frame.column("t").values).toEqual(lists.t);
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    ["infinity", "select 'inf'::double as x"],
    ["a day before March 1900", "select date '1899-01-01' as x"],
    ["a text of more than 32,767 characters", "select repeat('x', 40000) as x"],
  ])("refuses %s", async (what, sql) => {
    const asked = writeQuery(openFolder(folder), "no.xlsx", sql);
    await expect(asked).rejects.toMatchObject({ code: "BAD_COLUMN" });
    await expect(asked).rejects.toThrow(`column x holds ${what}`);
    expect(await openFolder(folder).exists("no.xlsx")).toBe(false);
  });

  it("is not written to its end once the signal says so, and others have their turn meanwhile", async () => {
    const here = openFolder(folder);
    const rows = "select range as a, range::varchar as b from range(400000)";
    const begun = performance.now();
    await writeQuery(here, "whole.xlsx", rows);
    const whole = performance.now() - begun;

    const stop = new AbortController();
    const settled = writeQuery(here, "slow.xlsx", rows, { signal: stop.signal }).then(
      () => "written",
      (error) => error,
    );
    let longest = 0;
    let last = performance.now();
    const watch = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 10);
    let aborted = 0;
    setTimeout(() => {
      aborted = performance.now();
      stop.abort(new Error("enough"));
    }, whole / 4);
    const outcome = await settled;
    const late = performance.now() - aborted;
    clearInterval(watch);
    expect(outcome).toMatchObject({ message: "enough" });
    // Measured by the whole, whatever the speed of the machine.
    expect(late).toBeLessThan(whole / 2);
    expect(longest).toBeLessThan(whole / 2);
    expect(existsSync(join(folder, "slow.xlsx"))).toBe(false);
  });

  it("refuses more rows than a sheet has, and partitions", async () => {
    const here = openFolder(folder);
    const many = writeQuery(here, "no.xlsx", "from range(1_048_576)");
    await expect(many).rejects.toMatchObject({ code: "TOO_LARGE" });
    await writeFile(join(folder, "t.csv"), "a\n1\n");
    const parts = writeQuery(here, "no.xlsx", "from 't.csv'", { partitionBy: ["a"] });
    await expect(parts).rejects.toMatchObject({ code: "UNKNOWN_FORMAT" });
  });
});
