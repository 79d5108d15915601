import { expect, it } from "vitest";
import { type ListedEntry, lakeTable } from "../../src/show/table/lake-table.ts";

const file = (path: string, size: number): ListedEntry => ({
  path,
  kind: "file",
  size,
  modified: new Date("2026-01-02T05:17:00Z"),
});

it("shows paths, sizes and times, and what they add up to", () => {
  const folder: ListedEntry = { ...file("sales/2026", 0), kind: "directory" };
  const entries = [folder, file("sales/a.parquet", 1_234_567), file("sales/b.csv", 80)];
  expect(lakeTable(entries)["text/plain"]).toBe(
    [
      "path               size  modified (UTC)",
      "───────────────  ──────  ───────────────────",
      "sales/2026/              2026-01-02 05:17:00",
      "sales/a.parquet  1.2 MB  2026-01-02 05:17:00",
      "sales/b.csv        80 B  2026-01-02 05:17:00",
      "2 files of 1.2 MB, 1 directory",
    ].join("\n"),
  );
});

it("shows the first of many, the end of long paths, and nothing as markup", () => {
  const long = `${"x".repeat(100)}/<b>.csv`;
  const bundle = lakeTable([file(long, 1), file("b", 1), file("c", 1)], { rows: 2 });
  expect(bundle["text/plain"]).toMatch(/^…x+\/<b>\.csv {2}/m);
  expect(bundle["text/plain"].split("\n").at(-1)).toBe("2 of 3 entries: 3 files of 3 B");
  expect(bundle["text/html"]).toContain("/&lt;b&gt;.csv</td>");
  expect(bundle["text/html"]).not.toContain("<b>");
});

it("says when there is nothing", () => {
  expect(lakeTable([])["text/plain"]).toContain("0 files of 0 B");
});
