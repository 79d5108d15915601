import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LoadFrameOptions, loadFrame } from "../../src/frames/load-frame.ts";
import { FolderLake } from "./folder-lake.ts";

// Types and formats that are asked for: a text that does not fit is never another value, nor null.

let folder: string;
let lake: FolderLake;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "notelake-csv-types-"));
  process.env.NOTELAKE_CACHE = join(folder, "cache");
  lake = new FolderLake(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function load(text: string, options: LoadFrameOptions) {
  await lake.write("t.csv", text);
  return (await loadFrame(lake, "t.csv", options)).values;
}

const DAY = { dateFormat: "%d/%m/%Y" };
const MINUTE = { timestampFormat: "%d/%m/%Y %H:%M" };
const SECOND = { timestampFormat: "%A %d %B %Y %H:%M:%S" };
const day = (text: string) => new Date(`${text}T00:00:00Z`);

describe("with a format for dates or times", () => {
  const words = ["infinity", "-infinity", "epoch", "Infinity", " EPOCH ", "\tinfinity\t"];
  it.each(words)("a CSV file that says %j among the dates has text there", async (word) => {
    expect(await load(`d\n01/02/2024\n"${word}"\n`, DAY)).toEqual([["01/02/2024"], [word]]);
    const late = await load(`d\n${"01/02/2024\n".repeat(30_000)}"${word}"\n`, DAY);
    expect(late[30_000]).toEqual([word]);
    const times = await load(`t\n01/02/2024 10:30\n"${word}"\n`, MINUTE);
    expect(times).toEqual([["01/02/2024 10:30"], [word]]);
  });

  it.each([
    ["DATE", DAY, "01/02/2024"],
    ["date", DAY, "01/02/2024"],
    ["TIMESTAMP", MINUTE, "01/02/2024 10:30"],
    ["datetime", MINUTE, "01/02/2024 10:30"],
    ["TIMESTAMPTZ", MINUTE, "01/02/2024 10:30"],
  ])("such a word is refused where %s is asked for, with its line", async (type, format, good) => {
    for (const word of ["infinity", "epoch", "-Infinity"]) {
      const text = `no,d,t\n1,${good},"a\n\nb"\n\n2,${word},x\n`;
      const options = { ...format, types: { d: type } };
      const error = await load(text, options).catch((cause) => cause);
      expect(error).toMatchObject({ name: "FrameError", code: "BAD_ROW" });
      expect(error.message).toContain(`t.csv, line 6: "${word}" in column d cannot be read as `);
      expect(error.hint).toContain(`The line reads: 2,${word},x`);
    }
  });

  it("what the lines before the header say is counted, and a null is none", async () => {
    const asked = { ...DAY, types: { d: "DATE" } };
    const error = await load("x\ny\nd\n01/02/2024\nepoch\n", { ...asked, skip: 2 }).catch((e) => e);
    expect(error.message).toContain("t.csv, line 5: ");
    const values = await load("01/02/2024\nepoch\n", {
      ...DAY,
      types: { column0: "DATE" },
      header: false,
      nulls: ["epoch"],
    });
    expect(values).toEqual([[day("2024-02-01")], [null]]);
  });

  it("the first day of 1900 is one, and the words are texts where text is asked for", async () => {
    const text = "d,t\n01/02/2024,epoch\n01/01/1900,infinity\n";
    const expected = [
      [day("2024-02-01"), "epoch"],
      [day("1900-01-01"), "infinity"],
    ];
    expect(await load(text, DAY)).toEqual(expected);
    expect(await load(text, { ...DAY, types: { d: "DATE", t: "VARCHAR" } })).toEqual(expected);
  });

  it("a time is one whatever the other columns hold", async () => {
    const time = "Wednesday 02 January 2013 10:30:00";
    const late = await load(`t,n\n${`${time},1\n`.repeat(30_000)}${time},1.5\n`, SECOND);
    expect(late[30_000]).toEqual([new Date("2013-01-02T10:30:00Z"), 1.5]);
  });

  it("a time with a zone is read by it", async () => {
    const values = await load("t\n01/02/2024 10:30 +02\n", {
      timestampFormat: "%d/%m/%Y %H:%M %z",
      types: { t: "TIMESTAMPTZ" },
    });
    expect(values).toEqual([[new Date("2024-02-01T08:30:00Z")]]);
  });
});

describe("with types that are asked for", () => {
  it.each([
    ["DATE", "2024-02-01", "x"],
    ["INTEGER", "1", "x"],
    ["DECIMAL(4,2)", "1", "12345"],
    ["TIMESTAMPTZ", "2024-02-01 10:00:00+02", "soon"],
    ["TIMETZ", "10:00:00+02", "soon"],
  ])("what is no %s is refused, with its line", async (type, good, bad) => {
    for (const rows of [1, 30_000]) {
      const text = `v\n${`${good}\n`.repeat(rows)}${bad}\n`;
      const error = await load(text, { types: { v: type } }).catch((cause) => cause);
      expect(error).toMatchObject({ name: "FrameError", code: "BAD_ROW" });
      expect(error.message).toContain(`t.csv, line ${rows + 2}: "${bad}" in column v`);
      expect(error.hint).toContain(`nulls: ["${bad}"]`);
    }
  });

  it("a type that is none is refused", async () => {
    const error = await load("v\n1\n", { types: { v: "INTEGR" } }).catch((cause) => cause);
    expect(error).toMatchObject({ code: "BAD_SQL" });
    expect(error.message).toContain("INTEGR");
  });

  it("they are those of the folders' columns too", async () => {
    await lake.write("parts/month=01/a.csv", "v\n1\n");
    const frame = await loadFrame(lake, "parts", { types: { month: "VARCHAR" } });
    expect([frame.columns, frame.values]).toEqual([["v", "month"], [[1, "01"]]]);
  });
});
