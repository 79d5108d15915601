import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { beforeAll, expect, it } from "vitest";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { writeQuery } from "../../src/frames/write-frame.ts";
import { openFolder } from "../../src/lake/open-folder.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const lake = () => openFolder(folder);
// More than the strict reading takes, and than V8 needs to compile what it has learned.
const ROWS = 150_000;

setFlagsFromString("--allow-natives-syntax");
/** Whether V8 holds the numbers themselves, and no object for each. */
const hasDoubles = new Function("list", "return %HasDoubleElements(list)") as (
  list: unknown,
) => boolean;
setFlagsFromString("--no-allow-natives-syntax");

const READERS = {
  "the own reader of CSV": () => loadFrame(lake(), "numbers.csv"),
  "the strict reading": () => loadFrame(lake(), "numbers.csv", { where: "true" }),
  Parquet: () => loadFrame(lake(), "numbers.parquet"),
  "a statement": () => query(lake(), "select * from 'numbers.csv'"),
};

beforeAll(async () => {
  const lines = Array.from({ length: ROWS }, (_, row) => {
    const some = row % 5 === 0 ? "" : row;
    return `${row},${row / 4},${some},${some && row / 8}`;
  });
  await writeFile(join(folder, "numbers.csv"), `whole,part,some,parts\n${lines.join("\n")}\n`);
  await writeQuery(lake(), "numbers.parquet", "select * from 'numbers.csv'");
});

it.each(Object.entries(READERS))(
  "%s has numbers themselves beside columns with nulls",
  async (_, load) => {
    for (let time = 0; time < 3; time++) {
      const frame = await load();
      // Some of its values, to lists of any kind.
      frame.head(10);
      const [whole, part, some, parts] = frame.columns.map(
        (name) => frame.column(name).values as unknown[],
      );
      expect([hasDoubles(whole), hasDoubles(part)]).toEqual([true, true]);
      for (const row of [0, 1, 5, 7, ROWS - 1]) {
        const given = row % 5 === 0 ? [null, null] : [row, row / 8];
        expect([whole, part, some, parts].map((list) => list?.[row])).toEqual([
          row,
          row / 4,
          ...given,
        ]);
      }
    }
  },
);
