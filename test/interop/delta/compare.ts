import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { signInTo } from "../../../src/auth/sign-in-to.ts";
import { loadFrame } from "../../../src/frames/load-frame.ts";
import type { Lake } from "../../../src/lake/lake.ts";
import { openLakeIn } from "../../../src/lake/open-lake-in.ts";
import { openPractice } from "../../auth/practice.ts";
import { type OtherColumn, otherText, textOf } from "./cells.ts";

// node compare.ts SEED ROWS: the Delta tables in SEED/tables, as a file system of the practice
// lake, compared cell by cell with the rows that another reader found in each version: ROWS holds
// a file TABLE@VERSION.jsonl for each, its first line { time, columns }, then a line for each row.

interface Version {
  readonly table: string;
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly columns: readonly OtherColumn[];
  readonly rows: readonly (readonly (string | null)[])[];
}

async function main(seed: string, folder: string): Promise<void> {
  const { practice, cloud } = await openPractice({ seed });
  const session = await signInTo(cloud, {
    method: "client-secret",
    ...practice.description.service,
  });
  const lake = openLakeIn(cloud, "tables", { credential: session });
  const wrong: string[] = [];
  const totals = { tables: new Set<string>(), versions: 0, moments: 0, cells: 0 };
  const latest = new Map<string, Version>();
  const names = (await readdir(folder)).filter((name) => name.endsWith(".jsonl"));
  for (const name of names.sort((a, b) => a.localeCompare(b, "en", { numeric: true }))) {
    const other = await readVersion(folder, name);
    latest.set(other.table, other);
    wrong.push(...(await compareVersion(lake, other, { version: other.version })));
    if (await isTimed(seed, other)) {
      wrong.push(...(await compareVersion(lake, other, { at: new Date(other.time) })));
      totals.moments += 1;
    }
    totals.tables.add(other.table);
    totals.versions += 1;
    totals.cells += other.rows.length * other.columns.length;
  }
  for (const other of latest.values()) wrong.push(...(await compareVersion(lake, other, {})));
  await practice.close();
  const { tables, versions, moments, cells } = totals;
  console.log(
    `${tables.size} tables, ${versions} versions (${moments} by their time too), ${cells} cells compared`,
  );
  for (const line of wrong) console.log(`differs: ${line}`);
  process.exitCode = wrong.length > 0 || versions < 20 ? 1 : 0;
}

async function readVersion(folder: string, name: string): Promise<Version> {
  const [head = "", ...lines] = (await readFile(join(folder, name), "utf8")).trimEnd().split("\n");
  const [, table = "", version] = /^(.+)@(\d+)\.jsonl$/.exec(name) ?? [];
  const { time, columns } = JSON.parse(head);
  const rows = lines.map((line) => JSON.parse(line));
  return { table, version: Number(version), time, columns, rows };
}

/** Whether the commit carries its own time: that of its file is lost on the way into the lake. */
async function isTimed(seed: string, { table, version }: Version): Promise<boolean> {
  const name = `${String(version).padStart(20, "0")}.json`;
  const commit = await readFile(join(seed, "tables", table, "_delta_log", name), "utf8");
  return commit.includes('"inCommitTimestamp"');
}

/** What differs, in words; which row comes first is nobody's business. */
async function compareVersion(
  lake: Lake,
  { table, version, columns, rows }: Version,
  options: { version?: number; at?: Date },
): Promise<string[]> {
  const name = `${table}@${options.version ?? options.at?.toISOString() ?? "latest"}`;
  const frame = await loadFrame(lake, table, options).catch((error) => error as Error);
  if (frame instanceof Error) return [`${name}: ${frame.message}`];
  const expected = columns.map(({ name }) => name);
  if (String(frame.columns) !== String(expected)) {
    return [`${name} (${version}): columns ${frame.columns}, not ${expected}`];
  }
  const lists = columns.map(({ name: column, type }) =>
    (frame.column(column).values as unknown[]).map((cell) => textOf(cell, type)),
  );
  const [length] = frame.shape as [number, number];
  const ours = Array.from({ length }, (_, row) => JSON.stringify(lists.map((list) => list[row])));
  const theirs = rows.map((row) =>
    JSON.stringify(row.map((cell, index) => otherText(cell, columns[index]?.type ?? ""))),
  );
  if (ours.length !== theirs.length) return [`${name}: ${ours.length} rows, not ${theirs.length}`];
  ours.sort();
  theirs.sort();
  const bad = ours.findIndex((row, index) => row !== theirs[index]);
  return bad < 0 ? [] : [`${name}: ${ours[bad]}, not ${theirs[bad]}`];
}

const [seed = "", rows = ""] = process.argv.slice(2);
void main(seed, rows);
