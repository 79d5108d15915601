import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LakeError } from "../../src/core/errors.ts";
import { describeHistory } from "../../src/frames/delta/describe-history.ts";
import type { LocalFolder } from "../../src/lake/open-folder.ts";
import { pad } from "./delta-table.ts";
import { deltaWriting } from "./delta-writing.ts";

const { write, append, overwrite, rows, files, folder, here } = deltaWriting();

/** The folder, with something done before or after a file of the log is put there. */
function around(
  work: (path: string, put: () => Promise<unknown>) => Promise<unknown>,
): LocalFolder {
  const upload: LocalFolder["upload"] = async (local, path, options) => {
    const put = () => here.upload(local, path, options);
    if (/_delta_log\/\d{20}\.json$/.test(path)) await work(path, put);
    else await put();
    return here.stat(path);
  };
  return { ...here, upload };
}

describe("writers at the same time", () => {
  it("lose no rows, nor the table that each of them makes", async () => {
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let n = 0; n < 6; n++) await append(`select ${writer} as writer, ${n} as n`);
    });
    await Promise.all(writers);
    expect(
      await rows("select writer, count(*), count(distinct n) from 't' group by all order by all"),
    ).toEqual([0, 1, 2, 3].map((writer) => [writer, 6, 6]));
    expect((await describeHistory(here, "t")).shape[0]).toBe(24);
  });

  it("append behind each other, and refuse to replace what another has changed", async () => {
    await write("from (values (1, 1), (2, 2)) v(p, n)", { partitionBy: ["p"] });
    const between = (sql: string) => {
      let done = false;
      return around(async (_, put) => {
        if (!done) await append(sql);
        done = true;
        return put();
      });
    };
    const late = between("select 1 as p, 10 as n");
    expect(await write("select 1 as p, 11 as n", { mode: "append" }, late)).toMatchObject({
      version: 2,
    });
    const before = await files();
    const refused = write(
      "select 1 as p, 0 as n",
      { mode: "overwrite" },
      between("select 1 as p, 12 as n"),
    );
    await expect(refused).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(refused).rejects.toThrow(/another writer added or removed rows.*version 3 of t/);
    // The other's commit and file, and none of this one.
    expect((await files()).length).toBe(before.length + 2);
    const options = { mode: "overwrite", replaceWhere: "p = 1" } as const;
    const same = write("select 1 as p, 0 as n", options, between("select 1 as p, 13 as n"));
    await expect(same).rejects.toMatchObject({ code: "CONFLICT" });
    const apart = between("select 2 as p, 20 as n");
    expect(await write("select 1 as p, 0 as n", options, apart)).toMatchObject({ version: 6 });
    expect(await rows()).toEqual([
      [1, 0],
      [2, 2],
      [2, 20],
    ]);
  });

  it("find what a table has become, and fit it or are refused", async () => {
    await write("select 1 as a");
    const lake = around(async (path, put) => {
      if (path.includes(pad(1))) await append("select 2 as a, 'x' as b", { mergeSchema: true });
      return put();
    });
    expect(
      await write("select 3::bigint as a, 'y' as b", { mode: "append", mergeSchema: true }, lake),
    ).toMatchObject({ version: 2 });
    expect(await rows()).toEqual([
      [1, null],
      [2, "x"],
      [3, "y"],
    ]);
    const changes = around(async (_, put) => {
      await overwrite("select 'text' as a", { overwriteSchema: true });
      return put();
    });
    await expect(write("select 4 as a", { mode: "append" }, changes)).rejects.toMatchObject({
      code: "SCHEMA_MISMATCH",
    });
  });

  it("of a CSV file write once", async () => {
    await writeFile(join(folder, "a.csv"), "a\n1\n2\n");
    await append("from 'a.csv'");
    const lake = around(async () => {
      throw new LakeError("FORBIDDEN", "not for you");
    });
    await expect(write("from 'a.csv'", { mode: "append" }, lake)).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
    await append("from 'a.csv'");
    expect(await rows()).toEqual([[1], [1], [2], [2]]);
  });
});

describe("a commit that breaks off", () => {
  it("counts if it was done, though the answer never came", async () => {
    await write("select 1 as a");
    const lake = around(async (_, put) => {
      await put();
      throw new LakeError("UNREACHABLE", "the network is gone");
    });
    expect(await write("select 2 as a", { mode: "append" }, lake)).toMatchObject({ version: 1 });
    expect(await rows()).toEqual([[1], [2]]);
  });

  it("leaves the table as it was if not", async () => {
    await write("select 1 as a");
    const lake = around(async () => {
      throw new LakeError("UNREACHABLE", "the network is gone");
    });
    await expect(write("select 2 as a", { mode: "overwrite" }, lake)).rejects.toMatchObject({
      code: "UNREACHABLE",
    });
    expect(await rows()).toEqual([[1]]);
  });

  it.each(["before", "after"])(
    "by kill -9 %s the log has it, is whole or not there",
    async (when) => {
      await write("select 1 as a");
      const child = spawn(
        process.execPath,
        [
          "--disable-warning=ExperimentalWarning",
          join(import.meta.dirname, "delta-killed.ts"),
          folder,
          when,
        ],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
      await once(child.stdout, "data");
      child.kill("SIGKILL");
      await once(child, "exit");
      const found = when === "before" ? [[1]] : [[1], [2]];
      expect(await rows()).toEqual(found);
      await append("select 3 as a");
      expect(await rows()).toEqual([...found, [3]]);
    },
  );
});
