import { mkdirSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach } from "vitest";
import { query } from "../../src/frames/query.ts";
import type { WriteFrameOptions } from "../../src/frames/write/write-options.ts";
import { writeQuery } from "../../src/frames/write-frame.ts";
import { openFolder } from "../../src/lake/open-folder.ts";
import { pad } from "./delta-table.ts";
import { scratchFolder } from "./scratch-folder.ts";

/** A line of the log: one action. */
export type Line = Record<string, Record<string, unknown> | undefined>;

/** Writes the Delta table `t` in a folder that is empty before each test of the calling file. */
export function deltaWriting() {
  const scratch = scratchFolder();
  const folder = join(scratch, "data");
  mkdirSync(folder, { recursive: true });
  const here = openFolder(folder);

  beforeEach(async () => {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
  });

  function write(sql: string, options: WriteFrameOptions = {}, lake = here) {
    return writeQuery(lake, "t", sql, { format: "delta", ...options });
  }
  const append = (sql: string, options: WriteFrameOptions = {}) =>
    write(sql, { mode: "append", ...options });
  const overwrite = (sql: string, options: WriteFrameOptions = {}) =>
    write(sql, { mode: "overwrite", ...options });

  async function rows(sql = "from 't' order by all"): Promise<unknown[]> {
    return (await query(here, sql)).values;
  }

  async function actions(version: number): Promise<Line[]> {
    const text = await readFile(join(folder, `t/_delta_log/${pad(version)}.json`), "utf8");
    return text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
  }

  async function commitByHand(version: number, lines: readonly object[]): Promise<void> {
    await mkdir(join(folder, "t/_delta_log"), { recursive: true });
    const text = lines.map((line) => JSON.stringify(line)).join("\n");
    await writeFile(join(folder, `t/_delta_log/${pad(version)}.json`), text);
  }

  const files = async () =>
    (await readdir(join(folder, "t"), { recursive: true }).catch(() => [])).filter((name) =>
      /\.(parquet|json)$/.test(name),
    );

  return { scratch, folder, here, write, append, overwrite, rows, actions, commitByHand, files };
}
