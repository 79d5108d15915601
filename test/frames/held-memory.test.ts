import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it, vi } from "vitest";
import { columnsOf } from "../../src/frames/read/plain-csv/csv-column.ts";
import { CellKind } from "../../src/frames/read/plain-csv/csv-part.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const TIMES = 24;

/** Loads a file again and again, and tells the most MiB that the process had. */
const LOOP = `
  import { loadFrame, openFolder } from "notelake";
  const lake = await openFolder(process.argv[1]);
  for (let time = 0; time < ${TIMES}; time++) {
    const frame = await loadFrame(lake, "large.csv");
    if (frame.shape[0] < 100_000) throw new Error("not all rows");
  }
  console.log("peak", process.resourceUsage().maxRSS / 1024);
  process.exit();
`;

it("frames that nobody has any more do not fill the memory", async () => {
  // Nearly all of it is text, of which nothing is made as long as nobody asks.
  const line = `${"some words that take room, but no time. ".replaceAll(",", ";").repeat(8)},1\n`;
  const rows = 120_000;
  await writeFile(join(folder, "large.csv"), `words,id\n${line.repeat(rows)}`);
  const flags = ["--conditions=notelake-source", "--disable-warning=ExperimentalWarning"];
  const told = [...flags, "--input-type=module", "-e", LOOP, folder];
  const { stdout } = await promisify(execFile)(process.execPath, told);
  const peak = Number(/peak ([\d.]+)/.exec(stdout)?.[1]);
  const all = (TIMES * rows * line.length) / 2 ** 20;
  expect(peak).toBeGreaterThan(100);
  expect(peak).toBeLessThan(all * 0.75);
});

it("asks the garbage collector once a file, however many columns it has", () => {
  const asked: number[] = [];
  class Counted extends ArrayBuffer {
    constructor(size: number) {
      super(size);
      asked.push(size);
    }
  }
  const names = Array.from({ length: 1_000 }, (_, index) => `c${index}`);
  const kinds = names.map(() => CellKind.decimal);
  const columns = names.map(() => ({ values: Float64Array.of(1), nulls: 0 }));
  // As large as what may be held; nothing is written there, so that it takes no room.
  const bytes = new Uint8Array(new SharedArrayBuffer(300 * 2 ** 20));
  vi.stubGlobal("ArrayBuffer", Counted);
  columnsOf({ names, kinds, parts: [{ rows: 1, columns }] }, bytes);
  vi.unstubAllGlobals();
  expect(asked).toEqual([128 * 2 ** 20]);
});
