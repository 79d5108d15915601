import { inspect } from "node:util";
import { expect, it } from "vitest";
import { JUPYTER_DISPLAY } from "../../src/show/display.ts";
import { collect } from "../../src/show/table/collect-rows.ts";

async function* listed() {
  for (const path of ["a.csv", "b.csv"]) {
    yield {
      path,
      kind: "file" as const,
      size: 1500,
      modified: new Date("2026-01-02"),
      etag: '"1"',
    };
  }
}

it("collects a listing into an array that shows itself", async () => {
  const files = await collect(listed(), { rows: 1 });
  expect(files.map(({ path }) => path)).toEqual(["a.csv", "b.csv"]);
  expect(Object.keys(files)).toEqual(["0", "1"]);
  expect(files[JUPYTER_DISPLAY]()["text/plain"]).toBe(
    [
      "path     size  modified (UTC)",
      "─────  ──────  ───────────────────",
      "a.csv  1.5 kB  2026-01-02 00:00:00",
      "1 of 2 entries: 2 files of 3.0 kB",
    ].join("\n"),
  );
  expect(inspect(files)).toBe(files[JUPYTER_DISPLAY]()["text/plain"]);
});

it("shows other things with a column a property", async () => {
  const rows = await collect([{ name: "raw", public: false }]);
  expect(rows[JUPYTER_DISPLAY]()["text/plain"]).toMatch(/^name +public\ntext +boolean\n/);
});

it("shows an empty list as one", async () => {
  expect((await collect([]))[JUPYTER_DISPLAY]()["text/plain"]).toBe("0 rows × 0 columns");
});
