import { lstat, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { danfo } from "../../src/frames/danfo/patched-danfo.ts";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { openFolder } from "../../src/lake/open-folder.ts";
import { scratchFolder } from "./scratch-folder.ts";

const scratch = scratchFolder();
const folder = join(scratch, "out");
const frame = new danfo.DataFrame({ id: [1, 2], name: ["a", "=b"] });

beforeAll(() => mkdir(folder));

const WRITERS = {
  csv: (filePath: string) => frame.toCSV({ filePath }),
  json: (filePath: string) => frame.toJSON({ filePath }),
  xlsx: (filePath: string) => frame.toExcel({ filePath }),
};
const WAYS = Object.entries(WRITERS);

describe("what Danfo writes to this machine", () => {
  it.each(WAYS)("is read back: %s", async (ending, write) => {
    write(join(folder, `plain.${ending}`));
    write(join(folder, "without-an-ending"));
    for (const name of [`plain.${ending}`, `without-an-ending.${ending}`]) {
      expect((await loadFrame(openFolder(folder), name)).values).toEqual([
        [1, "a"],
        [2, "=b"],
      ]);
    }
  });

  it.each(WAYS)("goes through no link, and leaves nothing beside: %s", async (ending, write) => {
    const victim = join(scratch, `victim.${ending}`);
    await writeFile(victim, "mine");
    const path = join(folder, `trap.${ending}`);
    await symlink(victim, path);
    write(path);
    expect(await readFile(victim, "utf8")).toBe("mine");
    expect((await lstat(path)).isSymbolicLink()).toBe(false);
    expect(() => write(join(folder, "none", `x.${ending}`))).toThrow(/LOCAL_FILE|local file/);
    await mkdir(join(folder, `taken.${ending}`));
    expect(() => write(join(folder, `taken.${ending}`))).toThrow(/local file .* failed/);
    const left = await readdir(folder);
    expect(left.filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("is returned where no file is named", () => {
    expect(frame.toCSV()).toBe("id,name\n1,a\n2,=b\n");
    expect(frame.toJSON({ format: "row" })).toEqual({ id: [1, 2], name: ["a", "=b"] });
    expect(danfo.toJSON(frame.column("id"))).toEqual({ id: [1, 2] });
  });

  it("has dates of a workbook in UTC, and empty cells for missing values", async () => {
    const dated = new danfo.DataFrame({
      at: [new Date("2026-01-31T23:30:00Z"), new Date("2026-07-01T00:00:00Z")],
      n: [1.5, Number.NaN],
    });
    dated.toExcel({ filePath: join(folder, "dated.xlsx"), sheetName: "days" });
    const back = await loadFrame(openFolder(folder), "dated.xlsx", { sheet: "days" });
    expect(back.values).toEqual([
      [new Date("2026-01-31T23:30:00Z"), 1.5],
      [new Date("2026-07-01T00:00:00Z"), null],
    ]);
  });
});
