import type { DataFrame, Series } from "danfojs-node";
import { afterAll, beforeAll } from "vitest";
import type { DanfoModule } from "../../src/frames/danfo/danfo-module.ts";
import { loadDanfo } from "../../src/frames/danfo/load-danfo.ts";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { FolderLake } from "./folder-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";

// The tests of Danfo expect what pandas 3.0 answers to the same calls on these rows, with null for
// its NaN, NaT and NA. Where Danfo means something else on purpose, the test says so.

const MIXED = `k,j,n,f,t,d,when,big,flag
a-b,c,1,1.5,x,2020-01-02,2020-01-02T23:30:00Z,9007199254740993,true
a,b-c,2,,y,2019-12-31,2019-12-31T00:15:00Z,2,false
a-b,c,,2.5,,,2020-06-01T10:00:00Z,3,
,c,10,-0.5,X y,2020-02-29,,4,true
a,d,9,0,z,2021-01-01,2021-01-01T00:00:00Z,5,false
`;
const NUMBERS = "g,v,w\n1,1,2\n1,2,\n2,3,4\n2,,5\n10,4,7\n";

export let lake: FolderLake;
export let danfo: DanfoModule;
/** A column of every type, with a null in most. */
export let df: DataFrame;
/** Numbers only; a null in two of the columns. */
export let numbers: DataFrame;

/** Loads the rows before the first test of a file, which calls this at its top. */
export function loadSamples(): void {
  const zone = process.env.TZ;
  lake = new FolderLake(scratchFolder());
  beforeAll(async () => {
    // Where it is still the day before in the evening.
    process.env.TZ = "America/New_York";
    await lake.write("mixed.csv", MIXED);
    await lake.write("numbers.csv", NUMBERS);
    await lake.write("commas.csv", "amount;at\n5,25;1\nx;2\n7,5;3\n");
    danfo = await loadDanfo();
    df = await loadFrame(lake, "mixed.csv");
    numbers = await loadFrame(lake, "numbers.csv");
  });
  afterAll(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });
}

/** The values of a series, null for NaN. */
export const list = (series: unknown) =>
  ((series as Series).values as unknown[]).map((value) => (Number.isNaN(value) ? null : value));

/** The rows of a frame, null for NaN. */
export const rows = (frame: unknown) =>
  ((frame as DataFrame).values as unknown[][]).map((row) =>
    row.map((value) => (Number.isNaN(value) ? null : value)),
  );

export const col = (name: string) => df.column(name);
export const frame = (columns: object) => new danfo.DataFrame(columns);
